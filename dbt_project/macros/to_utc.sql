{#
    A local time of the business as UTC without offset: for durations and for hours to come, which a change of the
    clocks would make an hour too long or too short. Days are counted on local dates instead.
#}
{% macro to_utc(column) -%}
    {{ return(adapter.dispatch('to_utc')(column)) }}
{%- endmacro %}

{% macro duckdb__to_utc(column) -%}
    timezone('UTC', timezone('{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}', {{ column }}))
{%- endmacro %}

{% macro spark__to_utc(column) -%}
    to_utc_timestamp({{ column }}, '{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}')
{%- endmacro %}

{# Seconds that pass from one local time of the business to another. #}
{% macro seconds_between(earlier, later) -%}
    {{ dbt.datediff(to_utc(earlier), to_utc(later), 'second') }}
{%- endmacro %}

{# The local time of the business some hours after another. #}
{% macro hours_after(column, hours) -%}
    {{ to_business_time(dbt.dateadd('hour', hours, to_utc(column))) }}
{%- endmacro %}
