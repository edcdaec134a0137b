{#
    Operation: runs generic tests, one query per tested table, and writes their failures to `dbt_tests.failures`.
    A test as a node of its own costs 20 ms of Python besides its query; a day has 400.
    Grain: test. `columns_failed` has the rows with a null by column, of a failed test `never_null`.
#}
{% macro run_grouped_tests(tests) -%}

    {%- set groups = {} -%}
    {%- for unique_id in tests -%}
        {%- set test = graph.nodes[unique_id].test_metadata -%}
        {%- do groups.setdefault(test.kwargs.model, []).append(unique_id) -%}
    {%- endfor -%}

    {%- do run_query('create schema if not exists dbt_tests') -%}
    {%- do run_query(
        'create or replace table dbt_tests.failures (test varchar, failures bigint, columns_failed varchar)'
    ) -%}
    {%- for of_table in groups.values() %}
        {% set queries = [] %}
        {% for unique_id in of_table %}
            {% set query %} select '{{ unique_id }}', count(*), null from ({{ generic_test(unique_id) }}) as failed {% endset %}
            {% do queries.append(query) %}
        {% endfor %}
        {% do run_query('insert into dbt_tests.failures ' ~ queries | join(' union all ')) %}
    {% endfor %}
    {{ describe_nulls() }}

{%- endmacro %}

{# SQL of a generic test: the rows that fail. #}
{% macro generic_test(unique_id) -%}
    {%- set test = graph.nodes[unique_id].test_metadata -%}
    {%- set arguments = {} -%}
    {%- for name, value in test.kwargs.items() -%}
        {%- do arguments.update({name: tested_relation(value) or value}) -%}
    {%- endfor -%}
    {{ context['test_' ~ test.name](**arguments) }}
{%- endmacro %}

{# Relation of a text such as `ref('deals')` or `source('landing', 'leads')` in the arguments of a test; else none. #}
{% macro tested_relation(value) -%}
    {%- set found = modules.re.search("(ref|source)\\(([^()]*)\\)", value | string) -%}
    {%- if not found -%} {{ return(none) }} {%- endif -%}
    {%- set names = modules.re.findall("[\\w.]+", found.group(2)) -%}
    {{ return(ref(*names) if found.group(1) == 'ref' else source(*names)) }}
{%- endmacro %}

{% macro describe_nulls() -%}
    {%- set failed = run_query("select test from dbt_tests.failures where failures > 0 and test like '%.never_null_%'") -%}
    {%- for unique_id in failed.columns[0].values() %}
        {% set relation = tested_relation(graph.nodes[unique_id].test_metadata.kwargs.model) %}
        {% set counts = [] %}
        {% for column in not_null_columns(relation) %}
            {% do counts.append("case when count(*) > count(" ~ column ~ ") then '" ~ column ~ ": ' || (count(*) - count(" ~ column ~ ")) end") %}
        {% endfor %}
        {% do run_query(
            "update dbt_tests.failures set columns_failed = (select concat_ws(', ', " ~ counts | join(', ') ~ ") from "
            ~ relation ~ ") where test = '" ~ unique_id ~ "'"
        ) %}
    {% endfor %}
{%- endmacro %}

{# Columns of a model that its yml declares `constraints: [{type: not_null}]`. #}
{% macro not_null_columns(model) -%}
    {%- set declared = [] -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model.identifier] if execute else {'columns': {}} -%}
    {%- for column in node.columns.values() -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do declared.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(declared) }}
{%- endmacro %}
