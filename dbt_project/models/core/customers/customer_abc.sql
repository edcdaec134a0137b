with customers as (

    select * from {{ ref('customers') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

cuts as (

    select * from {{ ref('abc_cuts') }}

),

valued as (

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

-- One row per amount: customers with the same contribution share a class.
amounts as (

    select
        as_of,
        contribution_cny,
        sum(contribution_cny) as amount_total
    from valued
    where contribution_cny > 0
    group by as_of, contribution_cny

),

cumulated as (

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

-- The share made by those who contribute more: so the largest is always an A, even alone.
shared as (

    select
        as_of,
        contribution_cny,
        round(larger_total / grand_total, 6) as larger_share
    from cumulated

),

final as (

    select
        valued.as_of,
        valued.customer_key,
        coalesce(cuts.value_class, 'C') as value_class,
        cast(shared.larger_share as double) as larger_share,
        valued.contribution_cny
    from valued
    left join shared
        on
            valued.as_of = shared.as_of
            and valued.contribution_cny = shared.contribution_cny
    left join cuts on {{ in_band('shared.larger_share', 'cuts', 'min_share', 'max_share') }}

)

select * from final
