{# The body of a CTE: the horizon of each of the targets whose probability grades, warns and opens cases. #}
{% macro grading_horizons() -%}
    select
        target,
        horizon_days
    from {{ ref('horizons') }}
    where grades and target in ('{{ varargs | join("', '") }}')
{%- endmacro %}
