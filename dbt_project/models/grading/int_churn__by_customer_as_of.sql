with features as (

    select * from {{ ref('customer_features') }}

),

horizons as (

    {{ grading_horizons('dormancy') }}

),

-- The filter is an inner join: as a condition of a left join it would make a nested loop, quadratic in the days of a
-- backfill.
scores as (

    select scores.*
    from {{ ref('stg_scoring__scores') }} as scores
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
    -- A base rate does not rank customers. The triggers of the handbook do.
    where scores.probability_source != 'base_rate'

),

-- Days without a dormancy model for the grading horizon, and days on which neither the model nor a baseline may score.
not_trained as (

    select champions.as_of
    from {{ ref('stg_scoring__champions') }} as champions
    inner join horizons
        on
            champions.target = horizons.target
            and champions.horizon_days = horizons.horizon_days
    where champions.model_version is null
    union distinct
    select scores.as_of
    from {{ ref('stg_scoring__scores') }} as scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    where scores.probability_source = 'base_rate'

),

held_levels as (

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

-- Without a model, the triggers of the handbook give at most the lowest warning level, because no probability was
-- measured.
trigger_levels as (

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
            else coalesce(held_levels.warning_level, trigger_levels.warning_level)
        end as warning_level,
        scores.model_version,
        scores.probability as churn_probability
    from features
    left join scores
        on
            features.as_of = scores.as_of
            and features.customer_key = scores.customer_key
    left join held_levels
        on
            features.as_of = held_levels.as_of
            and features.customer_key = held_levels.customer_key
    left join not_trained on features.as_of = not_trained.as_of
    left join trigger_levels
        on
            features.as_of = trigger_levels.as_of
            and features.customer_key = trigger_levels.customer_key

)

select * from final
