with run as (

    select * from {{ source('scope', 'run') }}

),

spells as (

    select * from {{ ref('int_grade_spells__by_key') }}

),

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

),

ids as (

    select * from {{ source('identity', 'customers') }}

),

-- Customers that were two and are one today keep the line of today's key, else the one with the higher score.
mapped as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        spells.graded_as_of,
        spells.grade,
        spells.score,
        spells.rule_version,
        spells.model_version
    from spells
    inner join customer_records on spells.customer_key = customer_records.record_key
    inner join run
        on
            customer_records.as_of = run.publication_as_of
            and spells.graded_as_of <= run.publication_as_of
    qualify
        row_number() over (
            partition by customer_records.customer_key, spells.graded_as_of
            order by
                case when spells.customer_key = customer_records.customer_key then 0 else 1 end asc,
                spells.score desc,
                spells.customer_key asc
        ) = 1

),

final as (

    select
        mapped.as_of,
        ids.customer_id,
        cast(mapped.graded_as_of as date) as graded_as_of,
        mapped.grade,
        cast(mapped.score as integer) as score,
        mapped.rule_version,
        mapped.model_version
    from mapped
    inner join ids on mapped.customer_key = ids.customer_key

)

select * from final
