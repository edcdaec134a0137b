{{ config(materialized='table') }}

{# Oldest first. At the same moment, a deal precedes its reversal. #}
{% set stack %}partition by as_of, customer_key, currency, amount
            order by occurred_at asc, direction desc, transaction_key asc{% endset %}

-- DuckDB keeps all steps in memory for a CTE that is read more than once. Each reader names the view instead.
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

-- Steps that named reversals took back are no longer open. An opening step ends when its deal has no signed amount
-- left.
reversed_steps as (

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
    left join reversed_steps
        on
            candidates.as_of = reversed_steps.as_of
            and candidates.transaction_key = reversed_steps.transaction_key
    left join cancelled_deals
        on
            candidates.as_of = cancelled_deals.as_of
            and candidates.customer_key = cancelled_deals.customer_key
            and candidates.deal_key = cancelled_deals.deal_key
    where reversed_steps.transaction_key is null and cancelled_deals.deal_key is null

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

-- A reversal without an open step lowers the floor, so that it cannot cancel a later deal.
floors as (

    select
        *,
        coalesce(
            min(balance) over ({{ stack }} rows between unbounded preceding and 1 preceding), 0
        ) as lowest_balance_before
    from balances

),

-- Height of the stack at which a step was added, or from which a reversal takes; at 0 a reversal takes nothing.
levels as (

    select
        *,
        case when direction = 1 then balance else balance + 1 end - least(lowest_balance_before, 0) as stack_level
    from floors

),

-- On one level, steps and reversals alternate: each reversal takes the step added just before it.
pairs as (

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
    from pairs
    where direction = -1

)

select * from final
