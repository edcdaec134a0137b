{#
    Additive facts of each member of each dimension. A fact has one member of each dimension. The combinations of
    members are not counted: they are nearly as many as customers × months.
#}
{{ config(materialized='table') }}

{% set parts = kpi_measures() %}
{% set measures = parts.values() | sum(start=[]) %}
{% set dimensions = kpi_dimensions() | reject('equalto', 'all') | list %}

with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

teams as (

    select * from {{ ref('int_teams__by_as_of') }}

),

dimensions as (

    select dimension from {{ ref('kpi_dimensions') }}

),

{% for part in parts %}
{{ part }} as (

    select
        customers.as_of,
        customers.channel,
        customers.project,
        customers.grade,
        coalesce(teams.team, 'unknown') as team,
        facts.agent,
        {%- for measure in parts[part] %}
        facts.{{ measure }},
        {%- endfor %}
        case when customers.is_contacts_known then 1 else 0 end as contacts_known,
        case when customers.is_deals_known then 1 else 0 end as deals_known,
        cast({{ dbt.date_trunc('month', 'facts.counted_on') }} as date) as month_start
    from {{ ref(part) }} as facts
    inner join customers on facts.customer_key = customers.customer_key
    left join teams
        on
            facts.as_of = teams.as_of
            and facts.agent = teams.agent_id

),

{{ part }}_by_member as (

    select
        facts.as_of,
        facts.month_start,
        dimensions.dimension,
        case dimensions.dimension
            {%- for dimension in dimensions %}
            when '{{ dimension }}' then facts.{{ dimension }}
            {%- endfor %}
            else 'all'
        end as member,
        {%- for measure in measures %}
        {{ 'cast(sum(facts.' ~ measure ~ ') as decimal(38, 4))' if measure in parts[part]
            else 'cast(null as decimal(38, 4))' }} as {{ measure }},
        {%- endfor %}
        max(facts.contacts_known) as contacts_known,
        max(facts.deals_known) as deals_known
    from {{ part }} as facts
    cross join dimensions
    group by
        facts.as_of,
        facts.month_start,
        dimensions.dimension,
        case dimensions.dimension
            {%- for dimension in dimensions %}
            when '{{ dimension }}' then facts.{{ dimension }}
            {%- endfor %}
            else 'all'
        end

),
{% endfor %}

facts as (

    {% for part in parts %}
    select * from {{ part }}_by_member
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        as_of,
        month_start,
        dimension,
        member,
        {%- for measure in measures %}
        cast(sum({{ measure }}) as decimal(38, 4)) as {{ measure }},
        {%- endfor %}
        max(contacts_known) as contacts_known,
        max(deals_known) as deals_known
    from facts
    group by as_of, month_start, dimension, member

)

select * from final
