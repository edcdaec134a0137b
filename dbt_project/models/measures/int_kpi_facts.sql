{# Additive facts, one row per month and combination of members: each fact has one member of each dimension. #}
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

{% for part in parts %}
{{ part }} as (

    select
        as_of,
        customer_key,
        agent,
        {%- for measure in measures %}
        {{ 'sum(' ~ measure ~ ')' if measure in parts[part] else 'cast(null as decimal(18, 4))' }} as {{ measure }},
        {%- endfor %}
        cast({{ dbt.date_trunc('month', 'counted_on') }} as date) as month_start
    from {{ ref(part) }}
    group by as_of, customer_key, agent, cast({{ dbt.date_trunc('month', 'counted_on') }} as date)

),
{% endfor %}

facts as (

    {% for part in parts %}
    select * from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        customers.as_of,
        {%- for dimension in dimensions %}
        {{ {'agent': 'facts.agent', 'team': "coalesce(teams.team, 'unknown')"}.get(
            dimension, 'customers.' ~ dimension
        ) }} as {{ dimension }},
        {%- endfor %}
        customers.is_contacts_known,
        customers.is_deals_known,
        {%- for measure in measures %}
        cast(sum(facts.{{ measure }}) as decimal(38, 4)) as {{ measure }},
        {%- endfor %}
        facts.month_start
    from facts
    inner join customers on facts.customer_key = customers.customer_key
    left join teams
        on
            facts.as_of = teams.as_of
            and facts.agent = teams.agent_id
    group by all

)

select * from final
