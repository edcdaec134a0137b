-- Counts and sums of the members of each dimension add up to the row `all`, per month.
{% set measures = kpi_measures().values() | sum(start=[]) %}

with counts as (

    select * from {{ ref('int_kpi_counts') }}

),

member_sums as (

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

totals as (

    select * from counts
    where dimension = 'all'

)

select
    totals.month_start,
    dimensions.dimension
from totals
cross join {{ ref('kpi_dimensions') }} as dimensions
left join member_sums
    on
        totals.month_start = member_sums.month_start
        and dimensions.dimension = member_sums.dimension
where
    dimensions.dimension != 'all'
    and (
        member_sums.dimension is null
        {%- for measure in measures %}
        or coalesce(member_sums.{{ measure }}, -1) != coalesce(totals.{{ measure }}, -1)
        {%- endfor %}
        or (dimensions.dimension = 'channel' and coalesce(member_sums.cost_cny, -1) != coalesce(totals.cost_cny, -1))
    )
