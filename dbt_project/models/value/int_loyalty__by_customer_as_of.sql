-- Loyalty by points of what is known, and the value model of purchasing power, need, loyalty and referrals;
-- customer × as_of.
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

summed as (

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

judged as (

    select
        profile.as_of,
        profile.customer_key,
        profile.purchasing_power,
        -- What was noted before a long silence is no need of today.
        case
            when profile.open_subscriptions > 0 then 'high'
            when profile.lifecycle in ('dormant', 'lost') then 'low'
            else profile.intent
        end as need,
        case when profile.referrals_total > 0 then 'some' else 'none' end as referral,
        -- Without contacts and deals there is nothing that loyalty could show in.
        case
            when not profile.is_dormancy_available and profile.deals = 0 then 'unknown'
            else coalesce(levels.level, 'unknown')
        end as loyalty,
        case
            when profile.is_dormancy_available or profile.deals > 0 then summed.loyalty_points
        end as loyalty_points
    from profile
    left join summed
        on
            profile.as_of = summed.as_of
            and profile.customer_key = summed.customer_key
    left join levels on {{ in_band('summed.loyalty_points', 'levels', 'min_points', 'max_points') }}

),

weighed as (

    select
        judged.*,
        cast(
            power_points.points + need_points.points + loyal_points.points + referred.points as integer
        ) as value_points
    from judged
    inner join value_points as power_points
        on
            power_points.component = 'purchasing_power'
            and judged.purchasing_power = power_points.code
    inner join value_points as need_points
        on
            need_points.component = 'need'
            and judged.need = need_points.code
    inner join value_points as loyal_points
        on
            loyal_points.component = 'loyalty'
            and judged.loyalty = loyal_points.code
    inner join value_points as referred
        on
            referred.component = 'referral'
            and judged.referral = referred.code

),

final as (

    select
        weighed.as_of,
        weighed.customer_key,
        weighed.purchasing_power,
        weighed.need,
        weighed.loyalty,
        weighed.loyalty_points,
        weighed.value_points,
        value_levels.level as value_level
    from weighed
    inner join value_levels on {{ in_band('weighed.value_points', 'value_levels', 'min_points', 'max_points') }}

)

select * from final
