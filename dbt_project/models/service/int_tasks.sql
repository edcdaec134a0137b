-- All possible tasks for the day after publication_as_of. Customers with a closing lead status get answers but no other
-- contact.
with customers as (

    {{ on_published_day('customers') }}

),

lifecycle as (

    {{ on_published_day('customer_lifecycle') }}

),

contacts as (

    select * from {{ ref('int_last_contacts') }}

),

unanswered as (

    select * from {{ ref('int_unanswered') }}

),

intent as (

    select * from {{ ref('int_intent__by_customer') }}

),

warnings as (

    select * from {{ ref('int_warning_tasks') }}

),

tasks as (

    select * from {{ ref('tasks') }}

),

stages as (

    select * from {{ ref('lifecycle_stages') }}

),

follow_ups as (

    select * from {{ ref('follow_ups') }}

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

-- Without any contact, the first enquiry counts as the last contact.
last_contacts as (

    select
        customers.as_of,
        customers.customer_key,
        customers.is_dormancy_available,
        coalesce(contacts.last_contact_at, customers.first_known_at) as last_at
    from customers
    left join contacts on customers.customer_key = contacts.customer_key

),

possible_tasks as (

    select
        unanswered.customer_key,
        unanswered.task,
        true as is_asked,
        false as is_winback,
        true as is_listed_early,
        cast(null as varchar) as warning_level,
        cast(null as varchar) as what_en,
        cast(null as varchar) as what_zh,
        cast(null as varchar) as action_en,
        cast(null as varchar) as action_zh,
        unanswered.asked_at as since_at,
        {{ hours_after('unanswered.asked_at', 'tasks.within_hours') }} as due_at
    from unanswered
    inner join tasks on unanswered.task = tasks.task
    union all
    select
        warnings.customer_key,
        'warning' as task,
        false as is_asked,
        false as is_winback,
        warnings.is_listed_early,
        warnings.level as warning_level,
        levels.label_en || ' / ' || causes.label_en as what_en,
        levels.label_zh || ' / ' || causes.label_zh as what_zh,
        actions.label_en as action_en,
        actions.label_zh as action_zh,
        cast(null as timestamp) as since_at,
        warnings.due_at
    from warnings
    left join levels on warnings.level = levels.level
    left join causes on warnings.likely_cause = causes.cause
    left join actions on warnings.action = actions.action
    union all
    select
        last_contacts.customer_key,
        tasks.task,
        false as is_asked,
        false as is_winback,
        false as is_listed_early,
        cast(null as varchar) as warning_level,
        cast(null as varchar) as what_en,
        cast(null as varchar) as what_zh,
        cast(null as varchar) as action_en,
        cast(null as varchar) as action_zh,
        last_contacts.last_at as since_at,
        {{ hours_after('last_contacts.last_at', 'tasks.within_hours') }} as due_at
    from last_contacts
    inner join intent
        on
            last_contacts.customer_key = intent.customer_key
            and intent.intent = 'high'
    inner join tasks on tasks.task = 'clear_intent'
    where last_contacts.is_dormancy_available
    union all
    select
        last_contacts.customer_key,
        'follow_up' as task,
        false as is_asked,
        follow_ups.is_winback,
        false as is_listed_early,
        cast(null as varchar) as warning_level,
        stages.label_en as what_en,
        stages.label_zh as what_zh,
        follow_ups.action_en,
        follow_ups.action_zh,
        last_contacts.last_at as since_at,
        {{ dbt.dateadd('day', 'follow_ups.every_days', 'last_contacts.last_at') }} as due_at
    from last_contacts
    inner join lifecycle on last_contacts.customer_key = lifecycle.customer_key
    inner join follow_ups on lifecycle.lifecycle_stage = follow_ups.stage
    inner join stages on lifecycle.lifecycle_stage = stages.stage
    where last_contacts.is_dormancy_available

),

final as (

    select
        possible_tasks.customer_key,
        possible_tasks.task,
        tasks.label_en as task_en,
        tasks.label_zh as task_zh,
        tasks.priority as task_priority,
        tasks.is_marketing,
        possible_tasks.is_listed_early,
        possible_tasks.warning_level,
        tasks.is_winback or possible_tasks.is_winback as is_winback,
        replace(
            replace(tasks.reason_en, '{day}', coalesce(cast(cast(possible_tasks.since_at as date) as varchar), '')),
            '{what}', coalesce(possible_tasks.what_en, '')
        ) as reason_en,
        replace(
            replace(tasks.reason_zh, '{day}', coalesce(cast(cast(possible_tasks.since_at as date) as varchar), '')),
            '{what}', coalesce(possible_tasks.what_zh, '')
        ) as reason_zh,
        coalesce(possible_tasks.action_en, tasks.action_en) as action_en,
        coalesce(possible_tasks.action_zh, tasks.action_zh) as action_zh,
        possible_tasks.due_at
    from possible_tasks
    inner join tasks on possible_tasks.task = tasks.task
    inner join lifecycle on possible_tasks.customer_key = lifecycle.customer_key
    where possible_tasks.is_asked or not lifecycle.is_closed

)

select * from final
