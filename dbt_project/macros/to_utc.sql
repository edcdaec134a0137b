{#
    Business local time to UTC without offset, for durations and due times: local times are off by an hour across a
    clock change. Days are counted on local dates instead.
#}
{% macro to_utc(column) -%}
    {{ return(adapter.dispatch('to_utc')(column)) }}
{%- endmacro %}

{% macro duckdb__to_utc(column) -%}
    timezone('UTC', timezone('{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}', {{ column }}))
{%- endmacro %}

{% macro spark__to_utc(column) -%}
    convert_timezone('{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}', 'UTC', {{ column }})
{%- endmacro %}

{# Elapsed seconds between two business local times. #}
{% macro seconds_between(earlier, later) -%}
    {{ dbt.datediff(to_utc(earlier), to_utc(later), 'second') }}
{%- endmacro %}

{# Business local time some hours after another. #}
{% macro hours_after(column, hours) -%}
    {{ to_business_time(dbt.dateadd('hour', hours, to_utc(column))) }}
{%- endmacro %}
