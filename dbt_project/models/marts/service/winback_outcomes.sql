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

-- Our own cases are also added up by cause, by action and in all. A source may name a campaign `cases`: `origin` keeps
-- the two apart.
grouped as (

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

lifted as (

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
    from grouped

),

final as (

    select
        run.publication_as_of as as_of,
        lifted.origin,
        lifted.campaign,
        lifted.likely_cause,
        coalesce(causes.label_en, 'All') as likely_cause_en,
        coalesce(causes.label_zh, '全部') as likely_cause_zh,
        lifted.action,
        coalesce(actions.label_en, 'All') as action_en,
        coalesce(actions.label_zh, '全部') as action_zh,
        lifted.treated_customers,
        lifted.treated_returned,
        lifted.hold_out_customers,
        lifted.hold_out_returned,
        cast(round(lifted.treated_share, 6) as double) as treated_share,
        cast(round(lifted.hold_out_share, 6) as double) as hold_out_share,
        cast(round(lifted.treated_share - lifted.hold_out_share, 6) as double) as lift,
        cast(case when lifted.is_compared then round(lifted.low, 6) end as double) as lift_low,
        cast(case when lifted.is_compared then round(lifted.high, 6) end as double) as lift_high
    from lifted
    cross join run
    left join causes on lifted.likely_cause = causes.cause
    left join actions on lifted.action = actions.action

)

select * from final
