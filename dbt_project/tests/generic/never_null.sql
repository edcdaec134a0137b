{#
    Fails with each row in which a column is null that its model declares as `constraints: [{type: not_null}]`. A table
    with a contract refuses such a row itself; this is for the views and tables without one, in one query for all columns.
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
