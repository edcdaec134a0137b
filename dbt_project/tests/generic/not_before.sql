{# Fails with rows whose last day lies before their first. #}
{% test not_before(model, first, last) %}

select
    {{ first }},
    {{ last }}
from {{ model }}
where {{ last }} < {{ first }}

{% endtest %}
