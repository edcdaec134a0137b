-- Fails with customers of identity that are missing from `customers`, and the reverse.
with resolved as (

    select distinct
        as_of,
        customer_key
    from {{ ref('stg_identity__customer_records') }}

)

select
    coalesce(resolved.as_of, customers.as_of) as as_of,
    coalesce(resolved.customer_key, customers.customer_key) as customer_key
from resolved
full outer join {{ ref('customers') }} as customers
    on
        resolved.as_of = customers.as_of
        and resolved.customer_key = customers.customer_key
where resolved.customer_key is null or customers.customer_key is null
