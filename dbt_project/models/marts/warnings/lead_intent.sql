with scores as (

    {{ on_published_day('stg_scoring__scores', "days.target = 'intent'") }}

),

features as (

    select * from {{ ref('customer_features') }}
    where is_open_lead

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

levels as (

    select * from {{ ref('intent_levels') }}

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        scores.as_of,
        ids.customer_id,
        cast(scores.horizon_days as integer) as horizon_days,
        cast(scores.probability as double) as intent_probability,
        levels.level as intent,
        levels.label_en as intent_en,
        levels.label_zh as intent_zh,
        label_ranks.rank as intent_rank,
        scores.reason_1,
        scores.reason_1_zh,
        cast(scores.contribution_1 as double) as contribution_1,
        scores.reason_2,
        scores.reason_2_zh,
        cast(scores.contribution_2 as double) as contribution_2,
        scores.reason_3,
        scores.reason_3_zh,
        cast(scores.contribution_3 as double) as contribution_3,
        scores.model_version,
        scores.probability_source
    from scores
    inner join ids on scores.customer_key = ids.customer_key
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key
    -- A base rate does not rank customers.
    left join levels
        on
            scores.probability_source != 'base_rate'
            and {{ in_band(rounded('scores.probability', 6), 'levels', 'min_probability', 'max_probability') }}
    left join label_ranks
        on
            label_ranks.label = 'intent'
            and levels.level = label_ranks.code

)

select * from final
