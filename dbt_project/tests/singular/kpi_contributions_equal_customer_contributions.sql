-- No deal gets lost between `customers` and the months and members of `kpi_monthly`.
with facts as (

    select coalesce(sum(contribution_cny), 0) as contribution_cny from {{ ref('int_kpi_facts') }}
    where dimension = 'all'

),

customers as (

    select coalesce(sum(rfm.monetary_total), 0) as contribution_cny
    from {{ ref('customer_rfm__by_as_of') }} as rfm
    inner join {{ ref('stg_scope__run') }} as run on rfm.as_of = run.publication_as_of

)

select facts.contribution_cny
from facts
inner join customers on facts.contribution_cny != customers.contribution_cny
