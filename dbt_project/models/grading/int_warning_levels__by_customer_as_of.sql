-- A level changes only where the probability leaves the band around a cut. Of each cut it is enough to know on which
-- side the customer was when last beyond its band: so the days of a backfill need no recursion.
with scores as (

    select * from {{ source('scoring', 'scores') }}

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'dormancy' and grades

),

features as (

    select * from {{ ref('customer_features') }}
    where is_engaged and is_dormancy_available

),

ledger as (

    select * from {{ source('ledger', 'grades') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

levels as (

    select
        level,
        min_probability,
        is_immediate,
        row_number() over (order by min_probability asc) as level_number
    from {{ ref('warning_levels') }}

),

scored as (

    select
        scores.as_of,
        scores.customer_key,
        round(scores.probability, 6) as probability
    from scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key

),

remembered as (

    select
        customer_key,
        graded_as_of,
        warning_level
    from ledger
    where warning_level is not null
    qualify row_number() over (partition by customer_key order by graded_as_of desc) = 1

),

-- At each cut: 1 above the band, 0 below it, null within.
signals as (

    select
        scored.as_of,
        scored.customer_key,
        levels.level_number,
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
        remembered.graded_as_of as as_of,
        remembered.customer_key,
        levels.level_number,
        false as is_of_run,
        case when levels.level_number <= held.level_number then 1 else 0 end as side,
        case when levels.level_number <= held.level_number then 1 else 0 end as side_beyond_band
    from remembered
    inner join levels as held on remembered.warning_level = held.level
    cross join levels

),

-- Who has no level yet gets that of the plain cuts.
sided as (

    select
        *,
        case
            when lag(as_of) over (partition by customer_key, level_number order by as_of asc) is null then side
            else side_beyond_band
        end as known_side
    from signals

),

lasting as (

    select
        *,
        max(case when known_side = 1 then as_of end) over (
            partition by customer_key, level_number
            order by as_of asc
            rows between unbounded preceding and current row
        ) as last_above_on,
        max(case when known_side = 0 then as_of end) over (
            partition by customer_key, level_number
            order by as_of asc
            rows between unbounded preceding and current row
        ) as last_below_on
    from sided

),

reached as (

    select
        as_of,
        customer_key,
        max(case when last_below_on is null or last_above_on > last_below_on then level_number end) as level_number
    from lasting
    where is_of_run
    group by as_of, customer_key

),

final as (

    select
        reached.as_of,
        reached.customer_key,
        levels.level as warning_level
    from reached
    inner join levels on reached.level_number = levels.level_number

)

select * from final
