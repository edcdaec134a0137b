with run as (

    select * from {{ ref('stg_scope__run') }}

),

members as (

    select * from {{ ref('int_winback_members') }}

),

causes as (

    select * from {{ ref('causes') }}

),

actions as (

    select * from {{ ref('actions') }}

),

-- Cases of Tierhouse are also added up by cause, by action and in total. A source may name a campaign `cases`: `origin`
-- separates the two.
outcome_groups as (

    {% for cause, action in [
        ('likely_cause', 'action'), ('likely_cause', "'all'"), ("'all'", 'action'), ("'all'", "'all'")
    ] -%}
    select
        origin,
        campaign,
        {{ cause }} as likely_cause,
        {{ action }} as action,
        count(case when arm = 'treated' then 1 end) as treated_customers,
        count(case when arm = 'treated' and is_returned then 1 end) as treated_returned,
        count(case when arm = 'hold_out' then 1 end) as hold_out_customers,
        count(case when arm = 'hold_out' and is_returned then 1 end) as hold_out_returned
    from members
    {{ "where origin = 'case'" if not loop.first }}
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

with_lift as (

    select
        *,
        treated_customers > 0 and hold_out_customers > 0 as is_compared,
        cast(treated_returned as double) / nullif(treated_customers, 0) as treated_share,
        cast(hold_out_returned as double) / nullif(hold_out_customers, 0) as hold_out_share,
        {{ agresti_caffo(
            'treated_returned', 'treated_customers', 'hold_out_returned', 'hold_out_customers', -1
        ) }} as low,
        {{ agresti_caffo(
            'treated_returned', 'treated_customers', 'hold_out_returned', 'hold_out_customers', 1
        ) }} as high
    from outcome_groups

),

final as (

    select
        run.publication_as_of as as_of,
        with_lift.origin,
        with_lift.campaign,
        with_lift.likely_cause,
        coalesce(causes.label_en, 'All') as likely_cause_en,
        coalesce(causes.label_zh, '全部') as likely_cause_zh,
        with_lift.action,
        coalesce(actions.label_en, 'All') as action_en,
        coalesce(actions.label_zh, '全部') as action_zh,
        with_lift.treated_customers,
        with_lift.treated_returned,
        with_lift.hold_out_customers,
        with_lift.hold_out_returned,
        cast({{ rounded('with_lift.treated_share', 6) }} as double) as treated_share,
        cast({{ rounded('with_lift.hold_out_share', 6) }} as double) as hold_out_share,
        cast({{ rounded('with_lift.treated_share - with_lift.hold_out_share', 6) }} as double) as lift,
        cast(case when with_lift.is_compared then {{ rounded('with_lift.low', 6) }} end as double) as lift_low,
        cast(case when with_lift.is_compared then {{ rounded('with_lift.high', 6) }} end as double) as lift_high
    from with_lift
    cross join run
    left join causes on with_lift.likely_cause = causes.cause
    left join actions on with_lift.action = actions.action

)

select * from final
