with features as (

    select * from {{ ref('customer_features') }}

),

scores as (

    select * from {{ source('scoring', 'churn_scores') }}

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'dormancy' and grades

),

levels as (

    select * from {{ ref('warning_levels') }}

),

final as (

    select
        features.as_of,
        features.customer_key,
        case
            when not features.is_dormancy_available then 'not_available'
            when not features.is_engaged then 'not_engaged'
            when scores.churn_probability is not null then 'scored'
        end as churn_status,
        case
            when not features.is_dormancy_available then null
            when not features.is_engaged then 'none'
            else levels.level
        end as warning_level,
        scores.model_version,
        scores.churn_probability
    from features
    cross join horizons
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
            and horizons.horizon_days = scores.horizon_days
            and features.is_engaged
            and features.is_dormancy_available
    left join levels
        on {{ in_band('round(scores.churn_probability, 6)', 'levels', 'min_probability', 'max_probability') }}

)

select * from final
