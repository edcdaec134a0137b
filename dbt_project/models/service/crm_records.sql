-- Grades and next actions for the source systems, by their own record ids.
with records as (

    {{ on_published_day('int_records__by_as_of') }}

),

grades as (

    select * from {{ ref('grades__by_as_of') }}

),

intent as (

    select * from {{ ref('int_intent__by_customer') }}

),

intent_levels as (

    select * from {{ ref('intent_levels') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

tasks as (

    select * from {{ ref('int_listed_tasks') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

strategies as (

    select * from {{ ref('int_strategies__by_customer') }}

),

-- A lead that was corrected on its day of entry may occur twice. Keep one row per lead.
final as (

    select
        records.source,
        substr(records.record_key, length(records.source) + 2) as lead_id,
        grades.grade,
        intent_levels.label_en as intent,
        intent_levels.label_zh as intent_zh,
        grades.warning_level,
        levels.label_zh as warning_level_zh,
        coalesce(tasks.action_en, strategies.strategy_en) as next_action,
        coalesce(tasks.action_zh, strategies.strategy_zh) as next_action_zh,
        cast(tasks.due_at as date) as due_on,
        opt_outs.heeded_on is not null as is_opted_out,
        opt_outs.heeded_on as opted_out_on,
        records.as_of
    from records
    inner join grades
        on
            records.as_of = grades.as_of
            and records.customer_key = grades.customer_key
    inner join strategies on records.customer_key = strategies.customer_key
    left join opt_outs
        on
            records.as_of = opt_outs.as_of
            and records.customer_key = opt_outs.customer_key
    left join intent on records.customer_key = intent.customer_key
    left join intent_levels on intent.intent = intent_levels.level
    left join levels on grades.warning_level = levels.level
    left join tasks on records.customer_key = tasks.customer_key
    qualify
        row_number() over (
            partition by records.record_key
            order by records.updated_at desc, records.known_at desc
        ) = 1

)

select * from final
