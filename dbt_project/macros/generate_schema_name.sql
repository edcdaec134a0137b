{# Uses the schema names of dbt_project.yml (staging, intermediate, core, grading, marts, rules) without a prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
