{# Median absolute deviation from the median of a group. #}
{% macro median_deviation(value) -%}
    {{ return(adapter.dispatch('median_deviation')(value)) }}
{%- endmacro %}

{% macro duckdb__median_deviation(value) -%}
    mad({{ value }})
{%- endmacro %}

{# Spark has no such aggregate: the list of the group, sorted, then the list of the deviations from its middle. #}
{% macro spark__median_deviation(value) -%}
    {%- set middle = '(get({0}, (size({0}) - 1) div 2) + get({0}, size({0}) div 2)) / 2' -%}
    transform(
        transform(
            array(array_sort(collect_list({{ value }}))),
            sorted -> array_sort(transform(sorted, each -> abs(each - {{ middle.format('sorted') }})))
        ),
        deviations -> {{ middle.format('deviations') }}
    )[0]
{%- endmacro %}
