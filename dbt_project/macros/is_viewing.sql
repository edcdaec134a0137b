{# Whether an interaction is a viewing, on site or online. #}
{% macro is_viewing(kind) -%}
    {{ kind }} in ('viewing', 'online_viewing')
{%- endmacro %}
