{# A table, because many models and tests read it and would otherwise repeat its joins. #}
{{ config(materialized='table') }}

with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- A left join, although every as_of has a date, to fix the join order. With an inner join, DuckDB expects few rows to
-- pass the cut-off and hashes all transactions instead of the customers (10 million rows: 2 GB more).
customer_records as (

    select
        customer_records.as_of,
        customer_records.record_key,
        customer_records.customer_key,
        dates.cutoff_at
    from {{ ref('stg_identity__customer_records') }} as customer_records
    left join dates on customer_records.as_of = dates.as_of

),

transactions as (

    select * from {{ ref('stg_landing__transactions') }}

),

kinds as (

    select * from {{ ref('transaction_kinds') }}

),

final as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        transactions.transaction_key,
        transactions.parent_key,
        transactions.deal_id,
        transactions.agent_id,
        transactions.kind,
        transactions.payment_plan,
        transactions.currency,
        transactions.amount,
        transactions.commission,
        kinds.is_opening,
        kinds.is_signed,
        kinds.is_reversal,
        transactions.lease_end,
        transactions.occurred_at,
        cast(transactions.occurred_at as date) as occurred_on
    from transactions
    inner join customer_records
        on
            transactions.record_key = customer_records.record_key
            and {{ was_known('transactions', 'occurred_at', 'customer_records') }}
    inner join kinds on transactions.kind = kinds.kind

)

select * from final
