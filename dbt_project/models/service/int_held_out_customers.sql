-- Customers in the hold-out arm of an open case, or of a campaign whose window is not over, on publication_as_of.
with cases as (

    {{ on_published_day('int_cases__by_as_of') }}

),

members as (

    select * from {{ ref('int_campaign_members') }}

),

held_out as (

    select customer_key
    from cases
    where arm = 'hold_out' and status = 'open'
    union all
    select customer_key
    from members
    where arm = 'hold_out' and not is_measured and not is_returned

),

final as (

    select distinct customer_key
    from held_out

)

select * from final
