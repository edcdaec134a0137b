-- Fails if the contributions of all deals of a day differ from monetary_total of its customers.
with deals as (

    select
        as_of,
        sum(contribution_cny) as contribution_cny
    from {{ ref('deals') }}
    group by as_of

),

customers as (

    select
        as_of,
        sum(monetary_total) as monetary_total
    from {{ ref('customer_rfm__by_as_of') }}
    group by as_of

)

select
    deals.as_of,
    deals.contribution_cny,
    customers.monetary_total
from deals
left join customers on deals.as_of = customers.as_of
where customers.monetary_total is null or deals.contribution_cny != customers.monetary_total
