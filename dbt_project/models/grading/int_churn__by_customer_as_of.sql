with features as (

    select * from {{ ref('customer_features') }}

),

scores as (

    select * from {{ source('scoring', 'scores') }}

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'dormancy' and grades

),

levels as (

    select * from {{ ref('int_warning_levels__by_customer_as_of') }}

),

final as (

    select
        features.as_of,
        features.customer_key,
        case
            when not features.is_dormancy_available then 'not_available'
            when not features.is_engaged then 'not_engaged'
            when scores.probability is not null then 'scored'
        end as churn_status,
        case
            when not features.is_dormancy_available then null
            when not features.is_engaged then 'none'
            else levels.warning_level
        end as warning_level,
        scores.model_version,
        scores.probability as churn_probability
    from features
    cross join horizons
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
            and horizons.target = scores.target
            and horizons.horizon_days = scores.horizon_days
            and features.is_engaged
            and features.is_dormancy_available
    left join levels
        on
            features.as_of = levels.as_of
            and features.customer_key = levels.customer_key

)

select * from final
