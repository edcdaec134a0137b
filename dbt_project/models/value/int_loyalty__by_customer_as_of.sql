-- Loyalty points, and points of the value level: purchasing power, need, loyalty and referrals.
with profile as (

    select * from {{ ref('int_profile__by_customer_as_of') }}

),

points as (

    select * from {{ ref('loyalty_points') }}

),

levels as (

    select * from {{ ref('loyalty_levels') }}

),

value_points as (

    select * from {{ ref('value_points') }}

),

value_levels as (

    select * from {{ ref('value_levels') }}

),

measures as (

    {% for component, measure in {
        'deals': 'deals', 'referrals': 'referrals_total', 'satisfaction': 'satisfaction_last',
        'tenure_days': 'known_days',
        'lead_quiet_days': 'case when deals = 0 and is_dormancy_available then quiet_days end',
    }.items() -%}
    select
        as_of,
        customer_key,
        '{{ component }}' as component,
        cast({{ measure }} as double) as measure
    from profile
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

loyalty_sums as (

    select
        measures.as_of,
        measures.customer_key,
        cast(sum(points.points) as integer) as loyalty_points
    from measures
    inner join points
        on
            measures.component = points.component
            and {{ in_band('measures.measure', 'points') }}
    group by measures.as_of, measures.customer_key

),

with_loyalty as (

    select
        profile.as_of,
        profile.customer_key,
        profile.purchasing_power,
        -- An intent from before a long silence is not a need of today.
        case
            when profile.open_subscriptions > 0 then 'high'
            when profile.lifecycle in ('dormant', 'lost') then 'low'
            else profile.intent
        end as need,
        case when profile.referrals_total > 0 then 'some' else 'none' end as referral,
        -- Without interactions and deals, loyalty is not observable.
        case
            when not profile.is_dormancy_available and profile.deals = 0 then 'unknown'
            else coalesce(levels.level, 'unknown')
        end as loyalty,
        case
            when profile.is_dormancy_available or profile.deals > 0 then loyalty_sums.loyalty_points
        end as loyalty_points
    from profile
    left join loyalty_sums
        on
            profile.as_of = loyalty_sums.as_of
            and profile.customer_key = loyalty_sums.customer_key
    left join levels on {{ in_band('loyalty_sums.loyalty_points', 'levels', 'min_points', 'max_points') }}

),

with_points as (

    select
        with_loyalty.*,
        cast(
            power_points.points + need_points.points + loyal_points.points + referred.points as integer
        ) as value_points
    from with_loyalty
    inner join value_points as power_points
        on
            power_points.component = 'purchasing_power'
            and with_loyalty.purchasing_power = power_points.code
    inner join value_points as need_points
        on
            need_points.component = 'need'
            and with_loyalty.need = need_points.code
    inner join value_points as loyal_points
        on
            loyal_points.component = 'loyalty'
            and with_loyalty.loyalty = loyal_points.code
    inner join value_points as referred
        on
            referred.component = 'referral'
            and with_loyalty.referral = referred.code

),

final as (

    select
        with_points.as_of,
        with_points.customer_key,
        with_points.purchasing_power,
        with_points.need,
        with_points.loyalty,
        with_points.loyalty_points,
        with_points.value_points,
        value_levels.level as value_level
    from with_points
    inner join value_levels on {{ in_band('with_points.value_points', 'value_levels', 'min_points', 'max_points') }}

)

select * from final
