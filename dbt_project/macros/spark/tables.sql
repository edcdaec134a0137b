{#- Where Spark writes a table: one folder per table below the home, which DuckDB reads. -#}
{%- macro spark__location_clause() -%}
    location '{{ env_var("TIERHOUSE_DBT_SPARK_TABLES") }}/{{ this.schema }}/{{ this.identifier }}'
{%- endmacro -%}

{#- Parquet tables of Spark know no constraints: the not-null tests remain. -#}
{%- macro spark__persist_constraints(relation, model) -%}
{%- endmacro -%}

{%- macro spark__alter_table_add_constraints(relation, constraints) -%}
{%- endmacro -%}

{#- Type of a column of a rules table: Spark knows no varchar without a length. -#}
{%- macro spark_seed_type(model, agate_table, name, position) -%}
    {{ model['config'].get('column_types', {}).get(name, adapter.convert_type(agate_table, position)).replace('varchar', 'string') }}
{%- endmacro -%}

{% macro spark__create_csv_table(model, agate_table) %}
    {%- set sql %}
    create table {{ this.render() }} (
        {%- for name in agate_table.column_names -%}
        {{ adapter.quote(name) }} {{ spark_seed_type(model, agate_table, name, loop.index0) }}{{ ", " if not loop.last }}
        {%- endfor -%}
    )
    {{ file_format_clause() }}
    {{ location_clause() }}
    {%- endset -%}
    {% call statement('_') -%}{{ sql }}{%- endcall %}
    {{ return(sql) }}
{% endmacro %}

{#-
    Rows of a rules table. dbt-spark's own macro breaks on an apostrophe in a value. dbt has read the word `null` as no
    value; where a table must have one, it is the word (a placeholder name).
-#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set filled = model['config'].get('meta', {}).get('checks', {}).get('not_null', []) -%}
    {%- set sql %}
    insert into {{ this.render() }} values
    {%- for row in agate_table.rows %}
    {%- set line = loop %}
    (
        {%- for name in agate_table.column_names -%}
        {%- set value = row[loop.index0] -%}
        cast(
        {%- if value is none %}{{ "'null'" if name in filled else "null" }}{% else -%}
        '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'") }}'
        {%- endif %} as {{ spark_seed_type(model, agate_table, name, loop.index0) }}){{ ", " if not loop.last }}
        {%- endfor -%}
    ){{ "," if not line.last }}
    {%- endfor %}
    {%- endset -%}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
