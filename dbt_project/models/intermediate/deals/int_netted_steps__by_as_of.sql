{{ config(materialized='table') }}

{# Oldest first; at one moment a deal comes before its reversal. #}
{% set stack %}partition by as_of, customer_key, currency, amount
            order by occurred_at asc, direction desc, transaction_key asc{% endset %}

-- DuckDB would keep all steps in memory for a CTE that is read more than once, so each reader names the view.
with unnamed_reversals as (

    select * from {{ ref('int_steps__by_as_of') }}
    where is_reversal and not is_deal_named

),

stacks as (

    select distinct
        as_of,
        customer_key,
        currency,
        amount
    from unnamed_reversals

),

candidates as (

    select steps.*
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join stacks
        on
            steps.as_of = stacks.as_of
            and steps.customer_key = stacks.customer_key
            and steps.currency = stacks.currency
            and steps.amount = stacks.amount
    where not steps.is_reversal

),

-- What named reversals have taken back is no longer open; an opening goes with all that its deal has signed.
taken_back as (

    select
        as_of,
        transaction_key
    from {{ ref('int_remaining_shares__by_as_of') }}
    where remaining_share = 0

),

cancelled_deals as (

    select
        as_of,
        customer_key,
        deal_key
    from {{ ref('int_remaining_shares__by_as_of') }}
    group by as_of, customer_key, deal_key
    having max(remaining_share) = 0

),

open_steps as (

    select candidates.*
    from candidates
    left join taken_back
        on
            candidates.as_of = taken_back.as_of
            and candidates.transaction_key = taken_back.transaction_key
    left join cancelled_deals
        on
            candidates.as_of = cancelled_deals.as_of
            and candidates.customer_key = cancelled_deals.customer_key
            and candidates.deal_key = cancelled_deals.deal_key
    where taken_back.transaction_key is null and cancelled_deals.deal_key is null

),

events as (

    select
        as_of,
        customer_key,
        currency,
        transaction_key,
        deal_key,
        1 as direction,
        amount,
        occurred_at
    from open_steps
    union all
    select
        as_of,
        customer_key,
        currency,
        transaction_key,
        deal_key,
        -1 as direction,
        amount,
        occurred_at
    from unnamed_reversals

),

balances as (

    select
        *,
        sum(direction) over ({{ stack }} rows between unbounded preceding and current row) as balance
    from events

),

-- A reversal that finds nothing open pushes the floor down, so that it cancels no later deal.
floors as (

    select
        *,
        coalesce(
            min(balance) over ({{ stack }} rows between unbounded preceding and 1 preceding), 0
        ) as lowest_balance_before
    from balances

),

-- The height of the stack at which a deal was put down, or from which a reversal takes; 0 takes from nothing.
levels as (

    select
        *,
        case when direction = 1 then balance else balance + 1 end - least(lowest_balance_before, 0) as stack_level
    from floors

),

-- On one level deals and reversals alternate: each reversal takes the deal put down just before it.
paired as (

    select
        *,
        lag(transaction_key) over (
            partition by as_of, customer_key, currency, amount, stack_level
            order by occurred_at asc, direction desc, transaction_key asc
        ) as previous_key,
        lag(deal_key) over (
            partition by as_of, customer_key, currency, amount, stack_level
            order by occurred_at asc, direction desc, transaction_key asc
        ) as previous_deal_key
    from levels

),

final as (

    select
        as_of,
        transaction_key,
        case when stack_level > 0 then previous_key end as netted_transaction_key,
        case when stack_level > 0 then previous_deal_key else deal_key end as deal_key,
        stack_level = 0 as is_unmatched_reversal
    from paired
    where direction = -1

)

select * from final
