-- All possible tasks for the day after publication_as_of. Customers with a closing lead status get answers but no other
-- contact. A lead that the source calls converted, without a deal that we know, has bought: nobody follows it up as a
-- prospect.
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

dormancy as (

    {{ grading_horizons('dormancy') }}

),

decision as (

    {{ grading_horizons('intent') }}

),

churn as (

    {{ on_published_day('int_churn__by_customer_as_of') }}

),

grades as (

    {{ on_published_day('grades__by_as_of') }}

),

-- Without any contact, the first enquiry counts as the last contact.
last_contacts as (

    select
        customers.as_of,
        customers.customer_key,
        customers.is_dormancy_available,
        lifecycle.is_status_open or lifecycle.lifecycle_stage in ('completed', 'returning') as is_followed_up,
        coalesce(contacts.last_contact_at, customers.first_known_at) as last_at,
        case
            when contacts.last_contact_at is null
                then
                    'in the file since '
                    || {{ day_en('cast(customers.first_known_at as date)', 'customers.as_of') }}
                    || ', no contact yet'
            else 'last contact ' || {{ day_en('cast(contacts.last_contact_at as date)', 'customers.as_of') }}
        end as last_en,
        case
            when contacts.last_contact_at is null
                then {{ day_zh('cast(customers.first_known_at as date)', 'customers.as_of') }} || '建档，至今未联系'
            else '最近联系 ' || {{ day_zh('cast(contacts.last_contact_at as date)', 'customers.as_of') }}
        end as last_zh,
        case when grades.expected_value_12m > 0 then {{ money_en('grades.expected_value_12m') }} end as value_en,
        case when grades.expected_value_12m > 0 then {{ money_zh('grades.expected_value_12m') }} end as value_zh
    from customers
    inner join lifecycle on customers.customer_key = lifecycle.customer_key
    inner join grades on customers.customer_key = grades.customer_key
    left join contacts on customers.customer_key = contacts.customer_key

),

-- `detail`: what fills `{what}` of the reason in `tasks.csv`.
possible_tasks as (

    select
        unanswered.customer_key,
        unanswered.task,
        true as is_asked,
        false as is_winback,
        true as is_listed_early,
        cast(null as string) as warning_level,
        case when unanswered.is_new_record then 'New lead' else 'Enquiry' end as detail_en,
        case when unanswered.is_new_record then '新线索' else '咨询' end as detail_zh,
        cast(null as string) as action_en,
        cast(null as string) as action_zh,
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
        case
            when present.min_probability >= levels.min_probability then lower(levels.label_en)
            else
                'case opened on ' || {{ day_en('warnings.case_opened_on', 'churn.as_of') }}
                || ' (' || lower(levels.label_en) || '); '
                || case when present.level = 'none' then 'no warning' else lower(present.label_en) end || ' today'
        end
        || coalesce(
            ': ' || {{ percent('churn.churn_probability') }} || ' chance to go quiet within '
            || dormancy.horizon_days || ' days',
            ''
        )
        || coalesce(', expected contribution ' || last_contacts.value_en, '')
        || case when warnings.likely_cause = 'unknown' then '' else '; likely cause: ' || lower(causes.label_en) end
        || '; ' || last_contacts.last_en as detail_en,
        case
            when present.min_probability >= levels.min_probability then levels.label_zh
            else
                {{ day_zh('warnings.case_opened_on', 'churn.as_of') }} || '立案（' || levels.label_zh || '）；今日'
                || case when present.level = 'none' then '已无预警' else present.label_zh end
        end
        || coalesce(
            '：' || dormancy.horizon_days || ' 天内沉默概率 ' || {{ percent('churn.churn_probability') }}, ''
        )
        || coalesce('，预计贡献 ' || last_contacts.value_zh, '')
        || case when warnings.likely_cause = 'unknown' then '' else '；疑似原因：' || causes.label_zh end
        || '；' || last_contacts.last_zh as detail_zh,
        actions.label_en as action_en,
        actions.label_zh as action_zh,
        cast(null as timestamp) as since_at,
        warnings.due_at
    from warnings
    cross join dormancy
    inner join last_contacts on warnings.customer_key = last_contacts.customer_key
    left join churn on warnings.customer_key = churn.customer_key
    left join levels on warnings.level = levels.level
    left join levels as present on coalesce(churn.warning_level, warnings.level) = present.level
    left join causes on warnings.likely_cause = causes.cause
    left join actions on warnings.action = actions.action
    union all
    select
        last_contacts.customer_key,
        tasks.task,
        false as is_asked,
        false as is_winback,
        false as is_listed_early,
        cast(null as string) as warning_level,
        coalesce(
            {{ percent('intent.probability') }} || ' chance to subscribe or sign within '
            || decision.horizon_days || ' days',
            'as the agent noted it'
        )
        || coalesce(', expected contribution ' || last_contacts.value_en, '')
        || '; ' || last_contacts.last_en as detail_en,
        coalesce(
            decision.horizon_days || ' 天内认购或签约概率 ' || {{ percent('intent.probability') }}, '置业顾问标注'
        )
        || coalesce('，预计贡献 ' || last_contacts.value_zh, '')
        || '；' || last_contacts.last_zh as detail_zh,
        cast(null as string) as action_en,
        cast(null as string) as action_zh,
        last_contacts.last_at as since_at,
        {{ hours_after('last_contacts.last_at', 'tasks.within_hours') }} as due_at
    from last_contacts
    cross join decision
    inner join intent
        on
            last_contacts.customer_key = intent.customer_key
            and intent.intent = 'high'
    inner join tasks on tasks.task = 'clear_intent'
    where last_contacts.is_dormancy_available and last_contacts.is_followed_up
    union all
    select
        last_contacts.customer_key,
        'follow_up' as task,
        false as is_asked,
        follow_ups.is_winback,
        false as is_listed_early,
        cast(null as string) as warning_level,
        stages.label_en || ': ' || last_contacts.last_en
        || coalesce('; expected contribution ' || last_contacts.value_en, '') as detail_en,
        stages.label_zh || '：' || last_contacts.last_zh
        || coalesce('；预计贡献 ' || last_contacts.value_zh, '') as detail_zh,
        follow_ups.action_en,
        follow_ups.action_zh,
        last_contacts.last_at as since_at,
        {{ dbt.dateadd('day', 'follow_ups.every_days', 'last_contacts.last_at') }} as due_at
    from last_contacts
    inner join lifecycle on last_contacts.customer_key = lifecycle.customer_key
    inner join follow_ups on lifecycle.lifecycle_stage = follow_ups.stage
    inner join stages on lifecycle.lifecycle_stage = stages.stage
    where last_contacts.is_dormancy_available and last_contacts.is_followed_up

),

with_days as (

    select
        possible_tasks.*,
        lifecycle.as_of,
        cast(possible_tasks.since_at as date) as since_on,
        {{ dbt.datediff('cast(possible_tasks.since_at as date)', 'lifecycle.as_of', 'day') }} + 1 as since_days
    from possible_tasks
    inner join lifecycle on possible_tasks.customer_key = lifecycle.customer_key
    where possible_tasks.is_asked or not lifecycle.is_closed

),

final as (

    select
        with_days.customer_key,
        with_days.task,
        tasks.label_en as task_en,
        tasks.label_zh as task_zh,
        tasks.priority as task_priority,
        tasks.is_marketing,
        with_days.is_listed_early,
        with_days.warning_level,
        tasks.is_winback or with_days.is_winback as is_winback,
        {%- for language, days in [('en', days_en('with_days.since_days')), ('zh', "with_days.since_days || ' 天'")] %}
        replace(
            replace(
                replace(
                    tasks.reason_{{ language }},
                    '{day}',
                    coalesce({{ day_en('with_days.since_on', 'with_days.as_of') if language == 'en'
                    else day_zh('with_days.since_on', 'with_days.as_of') }}, '')
                ),
                '{days}', coalesce({{ days }}, '')
            ),
            '{what}', coalesce(with_days.detail_{{ language }}, '')
        ) as reason_{{ language }},
        {%- endfor %}
        coalesce(with_days.action_en, tasks.action_en) as action_en,
        coalesce(with_days.action_zh, tasks.action_zh) as action_zh,
        with_days.due_at
    from with_days
    inner join tasks on with_days.task = tasks.task

)

select * from final
