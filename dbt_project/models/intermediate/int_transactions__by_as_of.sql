with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

),

transactions as (

    select * from {{ ref('stg_landing__transactions') }}

),

kinds as (

    select * from {{ ref('transaction_kinds') }}

),

final as (

    select
        dates.as_of,
        customer_records.customer_key,
        transactions.transaction_key,
        transactions.parent_key,
        transactions.deal_id,
        transactions.kind,
        transactions.currency,
        transactions.amount,
        transactions.commission,
        kinds.is_opening,
        kinds.is_signed,
        kinds.is_reversal,
        transactions.occurred_at,
        cast(transactions.occurred_at as date) as occurred_on
    from dates
    inner join transactions on {{ was_known('transactions', 'occurred_at') }}
    inner join customer_records
        on
            dates.as_of = customer_records.as_of
            and transactions.record_key = customer_records.record_key
    inner join kinds on transactions.kind = kinds.kind

)

select * from final
