with run as (

    select * from {{ ref('stg_scope__run') }}

),

amounts as (

    {{ on_published_day('int_grade_amounts__by_customer_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        amounts.as_of,
        ids.customer_id,
        amounts.component,
        amounts.amount,
        cast(amounts.probability_12m as double) as probability_12m,
        amounts.margin as margin_cny,
        amounts.probability_source,
        amounts.reason_en,
        amounts.reason_zh,
        run.rule_version
    from amounts
    cross join run
    inner join ids on amounts.customer_key = ids.customer_key

)

select * from final
