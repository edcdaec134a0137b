with history as (

    {{ on_published_day('customer_purchase_history__by_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        history.as_of,
        ids.customer_id,
        history.repeat_frequency,
        history.recency_age_days,
        history.tenure_days,
        history.currency,
        history.repeat_monetary_mean
    from history
    inner join ids on history.customer_key = ids.customer_key

)

select * from final
