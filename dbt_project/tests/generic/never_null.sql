{#
    Fails with rows that have a null in a column declared `constraints: [{type: not_null}]`. Tables with a contract
    enforce this themselves; this test covers views and tables without a contract, in one query for all columns.
#}
{% test never_null(model) %}

{%- set declared = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name == model.identifier -%}
    {%- for column in node.columns.values() -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do declared.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor %}

select *
from {{ model }}
where
    false
    {% for column in declared %} or {{ column }} is null {% endfor %}

{% endtest %}
