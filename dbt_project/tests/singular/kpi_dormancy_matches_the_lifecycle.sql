-- At the end of the last month (as_of), the customers that the measures call dormant are those that the lifecycle calls
-- dormant or lost by silence. Past months have no lead status.
with activity as (

    select
        activity.customer_key,
        activity.is_dormant
    from {{ ref('int_kpi_activity') }} as activity
    inner join {{ ref('int_kpi_months') }} as months on activity.counted_on = months.month_start
    where months.ends_on = activity.as_of

),

lifecycle as (

    select
        lifecycle.customer_key,
        lifecycle.is_closed,
        lifecycle.lifecycle_stage in ('dormant', 'lost') as is_dormant
    from {{ ref('customer_lifecycle') }} as lifecycle
    inner join {{ ref('stg_scope__run') }} as run on lifecycle.as_of = run.publication_as_of

)

select activity.customer_key
from activity
inner join lifecycle on activity.customer_key = lifecycle.customer_key
where activity.is_dormant != lifecycle.is_dormant and not lifecycle.is_closed
