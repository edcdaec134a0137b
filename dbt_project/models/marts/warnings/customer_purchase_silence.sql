with buyers as (

    {{ on_published_day('customer_purchase_features') }}

),

repeat_buying as (

    select * from {{ ref('repeat_buying__by_as_of') }}
    where is_offered

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'purchase_silence'

),

scores as (

    select * from {{ ref('stg_scoring__scores') }}
    where target = 'purchase_silence'

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        buyers.as_of,
        ids.customer_id,
        cast(horizons.horizon_days as integer) as horizon_days,
        case when scores.probability is null then 'not_trained' else 'scored' end as status,
        cast(scores.probability as double) as silence_probability,
        scores.probability_source,
        buyers.days_since_purchase,
        buyers.purchases_365d,
        scores.reason_1,
        scores.reason_1_zh,
        cast(scores.contribution_1 as double) as contribution_1,
        scores.reason_2,
        scores.reason_2_zh,
        cast(scores.contribution_2 as double) as contribution_2,
        scores.reason_3,
        scores.reason_3_zh,
        cast(scores.contribution_3 as double) as contribution_3,
        scores.model_version
    from buyers
    inner join repeat_buying on buyers.as_of = repeat_buying.as_of
    inner join ids on buyers.customer_key = ids.customer_key
    cross join horizons
    left join scores
        on
            buyers.as_of = scores.as_of
            and buyers.customer_key = scores.customer_key
            and horizons.horizon_days = scores.horizon_days

)

select * from final
