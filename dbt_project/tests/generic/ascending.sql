{# Fails with each of the named rows whose value is not above that of the name before it. #}
{% test ascending(model, name, value, order) %}

{% for lower in order[:-1] %}
select upper_row.{{ name }}
from {{ model }} as lower_row
inner join {{ model }} as upper_row
    on lower_row.{{ name }} = '{{ lower }}' and upper_row.{{ name }} = '{{ order[loop.index] }}'
where lower_row.{{ value }} >= upper_row.{{ value }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

{% endtest %}
