with features as (

    select * from {{ ref('customer_features') }}

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'dormancy' and grades

),

-- Conditions on the left side of a left join would make it a nested loop: quadratic in the days of a backfill.
scores as (

    select scores.*
    from {{ source('scoring', 'scores') }} as scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key
            and features.is_engaged
            and features.is_dormancy_available

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
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
    left join levels
        on
            features.as_of = levels.as_of
            and features.customer_key = levels.customer_key

)

select * from final
