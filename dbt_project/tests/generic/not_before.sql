{# Fails with rows whose last day is before their first day. #}
{% test not_before(model, first, last) %}

select
    {{ first }},
    {{ last }}
from {{ model }}
where {{ last }} < {{ first }}

{% endtest %}
