{# A double rounded to `digits` decimals, halves away from zero. #}
{% macro rounded(number, digits) -%}
    {{ return(adapter.dispatch('rounded')(number, digits)) }}
{%- endmacro %}

{% macro default__rounded(number, digits) -%}
    round({{ number }}, {{ digits }})
{%- endmacro %}

{# DuckDB rounds the scaled double. Spark would round its shortest text: 0.285 to 0.29, where DuckDB has 0.28. #}
{% macro spark__rounded(number, digits) -%}
    (round(cast({{ number }} as double) * 1e{{ digits }}, 0) / 1e{{ digits }})
{%- endmacro %}

{# A double as a decimal with `scale` decimals. Sums of decimals do not depend on the row order. #}
{% macro exact(number, scale) -%}
    {{ return(adapter.dispatch('exact')(number, scale)) }}
{%- endmacro %}

{% macro default__exact(number, scale) -%}
    cast({{ number }} as decimal(38, {{ scale }}))
{%- endmacro %}

{#
    Every digit of the scaled double, as DuckDB has them: Spark would fill up its shortest text with zeros, and a
    difference of two large sums would show it. Two halves, because a double can be longer than a bigint.
#}
{% macro spark__exact(number, scale) -%}
    {%- set units = 'round((' ~ number ~ ') * 1e' ~ scale ~ ', 0)' -%}
    cast(
        (
            cast(cast(floor({{ units }} / 4294967296e0) as bigint) as decimal(15, 0)) * cast(4294967296 as decimal(10, 0))
            + cast(cast({{ units }} - floor({{ units }} / 4294967296e0) * 4294967296e0 as bigint) as decimal(10, 0))
        ) * {{ '%.*f' % (scale, 10 ** -scale) }}
        as decimal(38, {{ scale }})
    )
{%- endmacro %}
