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
    -- The rate of all ranks nobody: the triggers say more.
    where scores.probability_source != 'base_rate'

),

-- Days without a model of the horizon that grades, or with one that may not score and no baseline that may.
not_trained as (

    select champions.as_of
    from {{ source('scoring', 'champions') }} as champions
    inner join horizons
        on
            champions.target = horizons.target
            and champions.horizon_days = horizons.horizon_days
    where champions.model_version is null
    union distinct
    select scores.as_of
    from {{ source('scoring', 'scores') }} as scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    where scores.probability_source = 'base_rate'

),

held as (

    select * from {{ ref('int_warning_levels__by_customer_as_of') }}

),

triggers as (

    select * from {{ ref('customer_triggers') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

levels as (

    select
        level,
        row_number() over (order by min_probability asc) as cut_number
    from {{ ref('warning_levels') }}

),

-- Where no model ranks the triggers of the handbook give at most the lowest warning: nobody has measured more.
by_triggers as (

    select
        triggers.as_of,
        triggers.customer_key,
        levels.level as warning_level
    from triggers
    inner join not_trained on triggers.as_of = not_trained.as_of
    cross join thresholds
    inner join levels
        on levels.cut_number = case when triggers.trigger_count >= thresholds.warning_min_triggers then 2 else 1 end

),

final as (

    select
        features.as_of,
        features.customer_key,
        case
            when not features.is_dormancy_available then 'not_available'
            when not features.is_engaged then 'not_engaged'
            when scores.probability is not null then 'scored'
            when not_trained.as_of is not null then 'not_trained'
        end as churn_status,
        case
            when not features.is_dormancy_available then null
            when not features.is_engaged then 'none'
            else coalesce(held.warning_level, by_triggers.warning_level)
        end as warning_level,
        scores.model_version,
        scores.probability as churn_probability
    from features
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
    left join held
        on
            features.as_of = held.as_of
            and features.customer_key = held.customer_key
    left join not_trained on features.as_of = not_trained.as_of
    left join by_triggers
        on
            features.as_of = by_triggers.as_of
            and features.customer_key = by_triggers.customer_key

)

select * from final
