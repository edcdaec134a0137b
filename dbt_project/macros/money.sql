{# The only type for money. Exact decimals make sums independent of row order. #}
{% macro money(expression) -%}
    {{ return(adapter.dispatch('money')(expression)) }}
{%- endmacro %}

{% macro default__money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{# Spark would round the shortest text of a double; see `rounded`. Its optimizer keeps one of the two branches. #}
{% macro spark__money(expression) -%}
    case
        when typeof({{ expression }}) = 'double' then cast({{ rounded(expression, 4) }} as decimal(18, 4))
        else cast({{ expression }} as decimal(18, 4))
    end
{%- endmacro %}

{#
    Money before a multiplication. DuckDB computes a product in the wider type of its factors, and 18 digits would
    overflow.
#}
{% macro wide(expression) -%}
    cast({{ expression }} as decimal(38, 4))
{%- endmacro %}
