-- Rules of conduct (`conduct_rules.csv`) that apply to a customer.
with customers as (

    select * from {{ ref('customers') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

open_complaints as (

    select distinct
        interactions.as_of,
        interactions.customer_key
    from interactions
    cross join thresholds
    where
        interactions.kind = 'complaint'
        and interactions.resolved_at is null
        and interactions.days_ago < thresholds.complaint_open_days

),

final as (

    select
        as_of,
        customer_key,
        'opted_out' as rule
    from customers
    where is_opted_out
    union all
    select
        as_of,
        customer_key,
        'corporate' as rule
    from customers
    where customer_kind in ('corporate', 'institutional')
    union all
    select
        as_of,
        customer_key,
        'complaint_open' as rule
    from open_complaints

)

select * from final
