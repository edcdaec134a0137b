-- Hysteresis: a warning level changes only if the probability leaves the band around a cut.
with scores as (

    select * from {{ ref('stg_scoring__scores') }}

),

horizons as (

    {{ grading_horizons('dormancy') }}

),

features as (

    select * from {{ ref('customer_features') }}
    where is_engaged and is_dormancy_available

),

ledger as (

    select * from {{ ref('stg_ledger__grades') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

levels as (

    select
        level,
        min_probability,
        is_immediate,
        row_number() over (order by min_probability asc) as cut_number
    from {{ ref('warning_levels') }}

),

scored as (

    select
        scores.as_of,
        scores.customer_key,
        {{ rounded('scores.probability', 6) }} as probability
    from scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key
    -- A base rate does not rank customers.
    where scores.probability_source != 'base_rate'

),

previous_levels as (

    select
        customer_key,
        graded_as_of,
        warning_level
    from ledger
    where warning_level is not null
    qualify row_number() over (partition by customer_key order by graded_as_of desc) = 1

),

-- For each cut: 1 above the band, 0 below the band, null within the band.
signals as (

    select
        scored.as_of,
        scored.customer_key,
        levels.cut_number,
        true as is_of_run,
        case when scored.probability >= levels.min_probability then 1 else 0 end as side,
        case
            when levels.is_immediate and scored.probability >= levels.min_probability then 1
            when scored.probability >= levels.min_probability + thresholds.warning_band then 1
            when scored.probability < levels.min_probability - thresholds.warning_band then 0
        end as side_beyond_band
    from scored
    cross join levels
    cross join thresholds
    union all
    select
        previous_levels.graded_as_of as as_of,
        previous_levels.customer_key,
        levels.cut_number,
        false as is_of_run,
        case when levels.cut_number <= previous_level.cut_number then 1 else 0 end as side,
        case when levels.cut_number <= previous_level.cut_number then 1 else 0 end as side_beyond_band
    from previous_levels
    inner join levels as previous_level on previous_levels.warning_level = previous_level.level
    cross join levels

),

held_cuts as (

    {{ hysteresis('signals') }}

),

final as (

    select
        held_cuts.as_of,
        held_cuts.customer_key,
        levels.level as warning_level
    from held_cuts
    inner join levels on held_cuts.cut_number = levels.cut_number

)

select * from final
