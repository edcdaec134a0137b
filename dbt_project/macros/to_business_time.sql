{# UTC timestamp without offset to business local time. The only place that applies the time zone. #}
{% macro to_business_time(column) -%}
    {{ return(adapter.dispatch('to_business_time')(column)) }}
{%- endmacro %}

{% macro duckdb__to_business_time(column) -%}
    timezone('{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}', timezone('UTC', {{ column }}))
{%- endmacro %}

{% macro spark__to_business_time(column) -%}
    convert_timezone('UTC', '{{ env_var("TIERHOUSE_DBT_TIMEZONE") }}', {{ column }})
{%- endmacro %}
