with run as (

    select * from {{ ref('stg_scope__run') }}

),

spells as (

    select * from {{ ref('int_grade_spells__by_key') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

-- If two earlier customers are one customer today, keep the grade of today's key, otherwise the higher grade score.
final as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        cast(spells.graded_as_of as date) as graded_as_of,
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

)

select * from final
