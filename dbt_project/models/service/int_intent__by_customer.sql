-- Intent of open leads on publication_as_of: from the model if a model ranks them, otherwise as the customer stated it.
with features as (

    {{ on_published_day('customer_features', 'days.is_open_lead') }}

),

scores as (

    select * from {{ ref('stg_scoring__scores') }}
    where probability_source != 'base_rate'

),

horizons as (

    {{ grading_horizons('intent') }}

),

levels as (

    select * from {{ ref('intent_levels') }}

),

final as (

    select
        features.customer_key,
        coalesce(levels.level, features.stated_intent) as intent,
        scores.probability
    from features
    cross join horizons
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
            and horizons.target = scores.target
            and horizons.horizon_days = scores.horizon_days
    left join levels on {{ in_band(rounded('scores.probability', 6), 'levels', 'min_probability', 'max_probability') }}

)

select * from final
