{# A table: the test of its key repeats its joins otherwise, longer than the model takes. #}
{{ config(materialized='table') }}

-- Events that decide the label of each target, as known at the latest as_of of the run. Labels look ahead of an as_of:
-- only events after the first as_of of the run decide one.
with latest as (

    select
        min(as_of) as first_as_of,
        max(as_of) as latest_as_of
    from {{ ref('int_as_of_dates') }}

),

interactions as (

    select interactions.*
    from {{ ref('int_interactions__by_as_of') }} as interactions
    inner join latest
        on
            interactions.as_of = latest.latest_as_of
            and interactions.occurred_on > latest.first_as_of

),

steps as (

    select steps.*
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join latest
        on
            steps.as_of = latest.latest_as_of
            and steps.occurred_on > latest.first_as_of

),

lease_steps as (

    select lease_steps.*
    from {{ ref('int_lease_steps__by_as_of') }} as lease_steps
    inner join latest
        on
            lease_steps.as_of = latest.latest_as_of
            and lease_steps.occurred_on > latest.first_as_of

),

final as (

    select
        'dormancy' as target,
        customer_key,
        occurred_on
    from interactions
    where is_customer_initiated
    union distinct
    -- A deal that is cancelled later still showed intent when it was opened or signed.
    select
        'intent' as target,
        customer_key,
        occurred_on
    from steps
    where is_opening or is_signed
    union distinct
    select
        'purchase_silence' as target,
        customer_key,
        occurred_on
    from steps
    where is_signed and kind != 'renewal'
    union distinct
    select
        'tenant_loss' as target,
        customer_key,
        occurred_on
    from lease_steps
    union distinct
    select
        'winback' as target,
        customer_key,
        occurred_on
    from interactions
    where is_customer_initiated or (is_agent_contact and answered)

)

select * from final
