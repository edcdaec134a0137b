{# Schemas are named plainly by folder: staging, intermediate, core, grading, marts, rules. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
