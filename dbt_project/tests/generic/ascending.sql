{# Fails with each listed row whose value is not above the value of the row listed before. #}
{% test ascending(model, key, value, order) %}

with bounds as (

    {% for lower in order[:-1] -%}
    select
        '{{ order[loop.index] }}' as upper_key,
        max(case when {{ key }} = '{{ lower }}' then {{ value }} end) as lower_value,
        max(case when {{ key }} = '{{ order[loop.index] }}' then {{ value }} end) as upper_value
    from {{ model }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from bounds
where lower_value >= upper_value

{% endtest %}
