-- Counts and sums of the members of each dimension add up to the row `all`, per month.
{% set measures = kpi_measures().values() | sum(start=[]) %}

with counts as (

    select * from {{ ref('int_kpi_counts') }}

),

summed as (

    select
        month_start,
        dimension,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        sum(cost_cny) as cost_cny
    from counts
    where dimension != 'all'
    group by month_start, dimension

),

alls as (

    select * from counts
    where dimension = 'all'

)

select
    alls.month_start,
    dimensions.dimension
from alls
cross join {{ ref('kpi_dimensions') }} as dimensions
left join summed
    on
        alls.month_start = summed.month_start
        and dimensions.dimension = summed.dimension
where
    dimensions.dimension != 'all'
    and (
        summed.dimension is null
        {%- for measure in measures %}
        or coalesce(summed.{{ measure }}, -1) != coalesce(alls.{{ measure }}, -1)
        {%- endfor %}
        or (dimensions.dimension = 'channel' and coalesce(summed.cost_cny, -1) != coalesce(alls.cost_cny, -1))
    )
