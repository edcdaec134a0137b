{# The one type of money, exact: sums do not depend on the order of rows. #}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{# Money about to be multiplied: DuckDB keeps a product within the wider of the two widths, and 18 digits overflow. #}
{% macro wide(expression) -%}
    cast({{ expression }} as decimal(38, 4))
{%- endmacro %}
