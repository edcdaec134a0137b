{# dbt's own safe_cast is a plain cast on DuckDB and raises errors. #}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}
