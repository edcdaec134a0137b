{{ config(materialized='table') }}

-- DuckDB would keep all steps in memory for a CTE that is read more than once, so each reader names the view.
with signed as (

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

-- Cancelled: by named reversals that leave nothing of the step, or by an unnamed one.
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

    select signed.*
    from signed
    left join cancelled_steps
        on
            signed.as_of = cancelled_steps.as_of
            and signed.transaction_key = cancelled_steps.transaction_key
    where cancelled_steps.transaction_key is null

)

select * from final
