{# A free-text code trimmed and in lower case; blank is null. #}
{% macro code(column) -%}
    nullif(lower(trim({{ column }})), '')
{%- endmacro %}
