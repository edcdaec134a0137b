with cases as (

    {{ on_published_day('int_cases__by_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

causes as (

    select * from {{ ref('causes') }}

),

actions as (

    select * from {{ ref('actions') }}

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        cases.as_of,
        ids.customer_id,
        cases.case_id,
        cases.opened_on,
        cases.level,
        levels.label_en as level_en,
        levels.label_zh as level_zh,
        label_ranks.rank as level_rank,
        cases.likely_cause,
        causes.label_en as likely_cause_en,
        causes.label_zh as likely_cause_zh,
        cases.action,
        actions.label_en as action_en,
        actions.label_zh as action_zh,
        cases.owner_agent_id,
        cases.due_on,
        cases.ends_on,
        cases.arm,
        cases.status,
        cases.closed_on,
        cases.outcome
    from cases
    inner join ids on cases.customer_key = ids.customer_key
    left join levels on cases.level = levels.level
    left join label_ranks
        on
            label_ranks.label = 'warning_level'
            and cases.level = label_ranks.code
    left join causes on cases.likely_cause = causes.cause
    left join actions on cases.action = actions.action

)

select * from final
