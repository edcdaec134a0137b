{{ config(materialized='table') }}

-- Each step counts in its month. A reversal changes the month of the signature that it reverses.
with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

transactions as (

    select * from {{ ref('int_transactions__by_as_of') }}

),

steps as (

    select
        deal_steps.as_of,
        deal_steps.customer_key,
        deal_steps.deal_key,
        deal_steps.transaction_key,
        deal_steps.kind,
        deal_steps.is_reversal,
        deal_steps.is_standing,
        deal_steps.net_contribution_cny,
        deal_steps.occurred_on,
        transactions.agent_id,
        customers.agent as agent_in_charge,
        -- Several rows of one deal, day and kind are one signature.
        row_number() over (
            partition by
                deal_steps.customer_key,
                deal_steps.deal_key,
                deal_steps.kind,
                deal_steps.occurred_on,
                deal_steps.is_standing
            order by deal_steps.transaction_key asc
        ) as line_of_day,
        -- The agent of a later renewal does not take over the signature: only agents up to the step count.
        count(case when not deal_steps.is_reversal then transactions.agent_id end) over (
            partition by deal_steps.customer_key, deal_steps.deal_key
            order by transactions.occurred_at asc, deal_steps.transaction_key asc
            rows between unbounded preceding and current row
        ) as agents_so_far
    from customers
    inner join {{ ref('int_deal_steps__by_as_of') }} as deal_steps
        on
            customers.as_of = deal_steps.as_of
            and customers.customer_key = deal_steps.customer_key
    inner join transactions
        on
            deal_steps.as_of = transactions.as_of
            and deal_steps.transaction_key = transactions.transaction_key

),

subscriptions_and_cancellations as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(transactions.agent_id, customers.agent) as agent,
        transactions.occurred_on as counted_on,
        case when transactions.kind = 'subscription' then 1 else 0 end as subscriptions,
        0 as signed_deals,
        0 as repeat_deals,
        0 as renewals,
        case when transactions.kind = 'cancellation' then 1 else 0 end as cancellations,
        {{ money('0') }} as contribution_cny
    from customers
    inner join transactions
        on
            customers.as_of = transactions.as_of
            and customers.customer_key = transactions.customer_key
    where transactions.kind in ('subscription', 'cancellation')

),

with_agents as (

    select
        *,
        max(case when agents_so_far > 0 and not is_reversal then agent_id end) over (
            partition by customer_key, deal_key, agents_so_far
        ) as latest_agent_id
    from steps

),

-- The first signature of a customer that was not reversed is no repeat deal. Of several signatures on that day, one is
-- the first.
numbered_signatures as (

    select
        *,
        row_number() over (
            partition by customer_key, is_standing, line_of_day = 1
            order by occurred_on asc, deal_key asc, transaction_key asc
        ) as signature_number
    from with_agents

),

signatures as (

    select
        as_of,
        customer_key,
        coalesce(agent_id, latest_agent_id, agent_in_charge) as agent,
        occurred_on as counted_on,
        0 as subscriptions,
        case when is_standing and line_of_day = 1 then 1 else 0 end as signed_deals,
        case when is_standing and line_of_day = 1 and signature_number > 1 then 1 else 0 end as repeat_deals,
        case when is_standing and line_of_day = 1 and kind = 'renewal' then 1 else 0 end as renewals,
        0 as cancellations,
        coalesce(net_contribution_cny, 0) as contribution_cny
    from numbered_signatures
    where is_standing or net_contribution_cny != 0

),

final as (

    select * from subscriptions_and_cancellations
    union all
    select * from signatures

)

select * from final
