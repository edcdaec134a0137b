{# Trims a free-text code and lower-cases it; a blank becomes null. #}
{% macro code(column) -%}
    nullif(lower(trim({{ column }})), '')
{%- endmacro %}
