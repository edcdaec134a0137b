-- Warnings without a response. A case waits for a contact by an agent after its opening. If the warning has risen above
-- the level of the opening, the case waits for a contact after the rise, with the present level and its action; the
-- deadline stays that of the case. A level that opens no case waits for a time since the last contact.
with warnings as (

    {{ on_published_day('int_churn__by_customer_as_of') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

cases as (

    {{ on_published_day('int_cases__by_as_of') }}

),

customers as (

    {{ on_published_day('customers') }}

),

triggers as (

    {{ on_published_day('customer_triggers') }}

),

responses as (

    select * from {{ ref('responses') }}

),

contacts as (

    select * from {{ ref('int_last_contacts') }}

),

ledger as (

    select * from {{ ref('stg_ledger__grades') }}

),

churn as (

    select * from {{ ref('int_churn__by_customer_as_of') }}

),

-- All levels so far, by the customer key of their day.
all_levels as (

    select
        customer_key,
        graded_as_of,
        warning_level
    from ledger
    union all
    select
        customer_key,
        as_of as graded_as_of,
        warning_level
    from churn

),

-- Last graded day with a level below the present one, of customers with an open case.
lower_levels as (

    select
        warnings.customer_key,
        max(all_levels.graded_as_of) as lower_on
    from warnings
    inner join cases
        on
            warnings.customer_key = cases.customer_key
            and cases.status = 'open'
    inner join levels as present on warnings.warning_level = present.level
    inner join all_levels
        on
            warnings.customer_key = all_levels.customer_key
            and warnings.as_of > all_levels.graded_as_of
    inner join levels as earlier
        on
            all_levels.warning_level = earlier.level
            and present.min_probability > earlier.min_probability
    group by warnings.customer_key

),

-- First graded day since which the level has been the present one or a higher one.
rises as (

    select
        lower_levels.customer_key,
        min(all_levels.graded_as_of) as risen_on
    from lower_levels
    inner join all_levels
        on
            lower_levels.customer_key = all_levels.customer_key
            and lower_levels.lower_on < all_levels.graded_as_of
    where all_levels.warning_level is not null
    group by lower_levels.customer_key

),

open_warnings as (

    select
        cases.customer_key,
        cases.opened_on as case_opened_on,
        case when present.min_probability > opened.min_probability then present.level else cases.level end as level,
        cases.likely_cause,
        case
            when present.min_probability > opened.min_probability then responses.action else cases.action
        end as action,
        true as is_listed_early,
        cast({{ dbt.dateadd('day', 1, 'cases.due_on') }} as timestamp) as due_at
    from cases
    inner join warnings on cases.customer_key = warnings.customer_key
    left join levels as opened on cases.level = opened.level
    left join levels as present on warnings.warning_level = present.level
    left join responses
        on
            cases.likely_cause = responses.cause
            and warnings.warning_level = responses.level
    left join contacts on cases.customer_key = contacts.customer_key
    left join rises on cases.customer_key = rises.customer_key
    where
        cases.status = 'open'
        and cases.arm = 'treated'
        and (
            contacts.last_agent_contact_on is null
            or contacts.last_agent_contact_on <= cases.opened_on
            or (
                present.min_probability > opened.min_probability
                and contacts.last_agent_contact_on <= rises.risen_on
            )
        )
    union all
    select
        warnings.customer_key,
        cast(null as date) as case_opened_on,
        warnings.warning_level as level,
        triggers.likely_cause,
        responses.action,
        false as is_listed_early,
        {{ hours_after(
            'coalesce(contacts.last_contact_at, customers.first_known_at)', 'levels.response_hours'
        ) }} as due_at
    from warnings
    inner join levels
        on
            warnings.warning_level = levels.level
            and levels.response_hours is not null
            and not levels.opens_case
    inner join customers on warnings.customer_key = customers.customer_key
    inner join triggers on warnings.customer_key = triggers.customer_key
    left join responses
        on
            triggers.likely_cause = responses.cause
            and warnings.warning_level = responses.level
    left join contacts on warnings.customer_key = contacts.customer_key
    left join cases
        on
            warnings.customer_key = cases.customer_key
            and cases.status = 'open'
    where cases.case_id is null

),

final as (

    select *
    from open_warnings
    qualify row_number() over (partition by customer_key order by due_at asc, level asc) = 1

)

select * from final
