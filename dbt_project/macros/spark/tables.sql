{#- Where Spark writes a table: one folder per table below the home, which DuckDB reads. -#}
{%- macro spark__location_clause() -%}
    location '{{ env_var("TIERHOUSE_DBT_SPARK_TABLES") }}/{{ this.schema }}/{{ this.identifier }}'
{%- endmacro -%}

{#- Parquet tables of Spark know no constraints: the not-null tests remain. -#}
{%- macro spark__persist_constraints(relation, model) -%}
{%- endmacro -%}

{%- macro spark__alter_table_add_constraints(relation, constraints) -%}
{%- endmacro -%}

{#- Every model is a table on Spark: a step that reads a view would compute all views below it again. -#}
{% materialization view, adapter='spark' %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}

{#- Rows of a rules table. dbt-spark's own macro breaks on an apostrophe in a value. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql %}
    insert into {{ this.render() }} values
    {%- for row in agate_table.rows %}
    (
        {%- for name in agate_table.column_names -%}
        {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- set value = row[loop.index0] -%}
        cast(
        {%- if value is none %}null{% else -%}
        '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'") }}'
        {%- endif %} as {{ type }}){{ ", " if not loop.last }}
        {%- endfor -%}
    ){{ "," if not loop.last }}
    {%- endfor %}
    {%- endset -%}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
