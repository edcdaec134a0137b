{{ config(materialized='table') }}

-- Deals count in the month of their latest standing signature, steps in the month in which they were taken.
with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

transactions as (

    select * from {{ ref('int_transactions__by_as_of') }}

),

steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

deals as (

    select * from {{ ref('deals') }}

),

-- The agent of a deal is the one of its latest signature, else of its latest step.
deal_agents as (

    select
        steps.as_of,
        steps.customer_key,
        steps.deal_key,
        transactions.agent_id
    from steps
    inner join transactions
        on
            steps.as_of = transactions.as_of
            and steps.transaction_key = transactions.transaction_key
    where transactions.agent_id is not null
    qualify
        row_number() over (
            partition by steps.as_of, steps.customer_key, steps.deal_key
            order by
                case when steps.is_signed then 0 else 1 end asc,
                transactions.occurred_at desc,
                transactions.transaction_key desc
        ) = 1

),

taken as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(transactions.agent_id, customers.agent) as agent,
        transactions.occurred_on as counted_on,
        case when transactions.kind = 'subscription' then 1 else 0 end as subscriptions,
        0 as signed_deals,
        0 as repeat_deals,
        case when transactions.kind = 'cancellation' then 1 else 0 end as cancellations,
        {{ money('0') }} as contribution_cny
    from customers
    inner join transactions
        on
            customers.as_of = transactions.as_of
            and customers.customer_key = transactions.customer_key
    where transactions.kind in ('subscription', 'cancellation')

),

-- The first standing deal of a customer is none that repeats; of several on its day one is the first.
ranked as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key, state
            order by last_signed_on asc, deal_key asc
        ) as deal_number
    from deals

),

closed as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(deal_agents.agent_id, customers.agent) as agent,
        coalesce(deals.last_signed_on, deals.opened_on) as counted_on,
        0 as subscriptions,
        case when deals.state = 'signed' then 1 else 0 end as signed_deals,
        case when deals.state = 'signed' and deals.deal_number > 1 then 1 else 0 end as repeat_deals,
        0 as cancellations,
        deals.contribution_cny
    from customers
    inner join ranked as deals
        on
            customers.as_of = deals.as_of
            and customers.customer_key = deals.customer_key
    left join deal_agents
        on
            deals.as_of = deal_agents.as_of
            and deals.customer_key = deal_agents.customer_key
            and deals.deal_key = deal_agents.deal_key

),

final as (

    select * from taken
    union all
    select * from closed

)

select * from final
