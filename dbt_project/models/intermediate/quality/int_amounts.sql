with dates as (

    select
        min(as_of) as first_as_of,
        max(as_of) as last_as_of
    from {{ ref('int_as_of_dates') }}

),

sources as (

    select * from {{ ref('stg_landing__sources') }}
    where is_mapped

),

transactions as (

    select * from {{ ref('stg_landing__transactions') }}

),

kinds as (

    select * from {{ ref('transaction_kinds') }}

),

final as (

    select
        transactions.source,
        transactions.kind,
        transactions.amount,
        cast(transactions.known_at as date) as known_on
    from transactions
    inner join sources on transactions.source = sources.source
    inner join kinds on transactions.kind = kinds.kind
    cross join dates
    where
        transactions.known_at > {{ dbt.dateadd('day', -200, 'dates.first_as_of') }}
        and transactions.known_at < {{ dbt.dateadd('day', 1, 'dates.last_as_of') }}
        and transactions.amount > 0

)

select * from final
