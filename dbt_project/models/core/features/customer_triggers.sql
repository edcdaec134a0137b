with customers as (

    select * from {{ ref('customers') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

active_triggers as (

    select * from {{ ref('int_triggers__by_customer_as_of') }}

),

causes as (

    select * from {{ ref('causes') }}

),

listed as (

    select
        as_of,
        customer_key,
        {{ dbt.listagg('label_en', "'; '", 'order by position') }} as triggers,
        {{ dbt.listagg('label_zh', "'；'", 'order by position') }} as triggers_zh,
        min_by(cause, case when cause is not null then position end) as cause,
        count(*) as trigger_count
    from active_triggers
    group by as_of, customer_key

),

-- A complaint category that `causes.csv` does not list is not a cause.
recorded as (

    select
        interactions.as_of,
        interactions.customer_key,
        causes.cause
    from interactions
    inner join causes on interactions.complaint_category = causes.cause
    where causes.cause != 'unknown'
    qualify
        row_number() over (
            partition by interactions.as_of, interactions.customer_key
            order by interactions.occurred_at desc, interactions.source desc, interactions.row_key desc
        ) = 1

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        listed.triggers,
        listed.triggers_zh,
        cast(coalesce(listed.trigger_count, 0) as integer) as trigger_count,
        coalesce(recorded.cause, listed.cause, 'unknown') as likely_cause,
        recorded.cause is not null as is_cause_recorded
    from customers
    left join listed
        on
            customers.as_of = listed.as_of
            and customers.customer_key = listed.customer_key
    left join recorded
        on
            customers.as_of = recorded.as_of
            and customers.customer_key = recorded.customer_key

)

select * from final
