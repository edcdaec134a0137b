{#
    Fails with rows that have a null in a column declared `constraints: [{type: not_null}]`. Tables with a contract
    enforce this themselves; this test covers views and tables without a contract, in one query for all columns.
#}
{% test never_null(model) %}

select *
from {{ model }}
where
    false
    {% for column in not_null_columns(model) %} or {{ column }} is null {% endfor %}

{% endtest %}
