with customers as (

    select * from {{ ref('customers') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

cuts as (

    select * from {{ ref('abc_cuts') }}

),

contributions as (

    select
        customers.as_of,
        customers.customer_key,
        {{ money('coalesce(rfm.monetary_total, 0)') }} as contribution_cny
    from customers
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key

),

-- One row per contribution: customers with the same contribution get the same class.
amounts as (

    select
        as_of,
        contribution_cny,
        sum(contribution_cny) as amount_total
    from contributions
    where contribution_cny > 0
    group by as_of, contribution_cny

),

running_totals as (

    select
        as_of,
        contribution_cny,
        sum(amount_total) over (
            partition by as_of
            order by contribution_cny desc
            rows between unbounded preceding and current row
        ) - amount_total as larger_total,
        sum(amount_total) over (partition by as_of) as grand_total
    from amounts

),

-- The share of all customers who contribute more. The largest contributor has share 0 and is always class A.
larger_shares as (

    select
        as_of,
        contribution_cny,
        {{ rounded('cast(larger_total as double) / cast(grand_total as double)', 6) }} as larger_share
    from running_totals

),

final as (

    select
        contributions.as_of,
        contributions.customer_key,
        coalesce(cuts.value_class, 'C') as value_class,
        cast(larger_shares.larger_share as double) as larger_share,
        contributions.contribution_cny
    from contributions
    left join larger_shares
        on
            contributions.as_of = larger_shares.as_of
            and contributions.contribution_cny = larger_shares.contribution_cny
    left join cuts on {{ in_band('larger_shares.larger_share', 'cuts', 'min_share', 'max_share') }}

)

select * from final
