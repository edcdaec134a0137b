{{ config(materialized='table') }}

-- DuckDB keeps all steps in memory for a CTE that is read more than once. Each reader names the view instead.
with reversals as (

    select * from {{ ref('int_steps__by_as_of') }}
    where is_reversal and is_deal_named

),

named_deals as (

    select distinct
        as_of,
        deal_key
    from reversals

),

-- Customers with a step in a named deal, and whether they have signed it.
deal_customers as (

    select
        steps.as_of,
        steps.deal_key,
        steps.customer_key,
        max(case when steps.is_signed then 1 else 0 end) as has_signed
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join named_deals
        on
            steps.as_of = named_deals.as_of
            and steps.deal_key = named_deals.deal_key
    where not steps.is_reversal
    group by steps.as_of, steps.deal_key, steps.customer_key

),

-- A refund in the name of a spouse reduces the deal of the customer who signed.
matches as (

    select
        reversals.as_of,
        reversals.transaction_key,
        deal_customers.customer_key,
        deal_customers.has_signed
    from reversals
    inner join deal_customers
        on
            reversals.as_of = deal_customers.as_of
            and reversals.deal_key = deal_customers.deal_key
    qualify
        row_number() over (
            partition by reversals.as_of, reversals.transaction_key
            order by
                case when deal_customers.customer_key = reversals.customer_key then 0 else 1 end asc,
                deal_customers.has_signed desc,
                deal_customers.customer_key asc
        ) = 1

),

openings as (

    select
        as_of,
        transaction_key,
        amount
    from {{ ref('int_steps__by_as_of') }}
    where is_opening

),

final as (

    select
        reversals.as_of,
        coalesce(matches.customer_key, reversals.customer_key) as customer_key,
        reversals.transaction_key,
        reversals.deal_key,
        reversals.parent_key,
        reversals.kind,
        reversals.currency,
        coalesce(
            matches.has_signed = 0
            or (reversals.kind = 'refund' and reversals.amount <= openings.amount), false
        ) as is_opening_reversal,
        matches.transaction_key is null as is_unmatched_reversal,
        reversals.amount,
        reversals.occurred_at,
        reversals.occurred_on
    from reversals
    left join matches
        on
            reversals.as_of = matches.as_of
            and reversals.transaction_key = matches.transaction_key
    left join openings
        on
            reversals.as_of = openings.as_of
            and reversals.parent_key = openings.transaction_key

)

select * from final
