{{ config(materialized='table') }}

-- DuckDB keeps all steps in memory for a CTE that is read more than once. Each reader names the view instead.
with lease_steps as (

    select
        as_of,
        customer_key,
        transaction_key,
        deal_key,
        parent_key,
        kind,
        currency,
        amount,
        lease_end,
        occurred_on
    from {{ ref('int_steps__by_as_of') }}
    where kind in ('rental', 'renewal')

),

-- Cancelled: named reversals leave nothing of the step, or a reversal without a deal cancels it.
cancelled_steps as (

    select
        as_of,
        netted_transaction_key as transaction_key
    from {{ ref('int_netted_steps__by_as_of') }}
    where netted_transaction_key is not null
    union distinct
    select
        as_of,
        transaction_key
    from {{ ref('int_remaining_shares__by_as_of') }}
    where remaining_share = 0

),

final as (

    select lease_steps.*
    from lease_steps
    left join cancelled_steps
        on
            lease_steps.as_of = cancelled_steps.as_of
            and lease_steps.transaction_key = cancelled_steps.transaction_key
    where cancelled_steps.transaction_key is null

)

select * from final
