{# The only type for money. Exact decimals make sums independent of row order. #}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{#
    Money before a multiplication. DuckDB computes a product in the wider type of its factors, and 18 digits would
    overflow.
#}
{% macro wide(expression) -%}
    cast({{ expression }} as decimal(38, 4))
{%- endmacro %}
