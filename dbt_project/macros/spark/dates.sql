{#- dbt-spark's own macros return the wrong times if `timestamp` has no offset (spark.sql.timestampType). -#}
{%- macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), cast({{ from_date_or_timestamp }} as timestamp_ntz))
{%- endmacro -%}

{#- Boundaries between two dates or times, as DuckDB counts them. -#}
{%- macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set seconds = {'second': 1, 'minute': 60, 'hour': 3600} -%}
    {%- set months = {'month': 1, 'quarter': 3, 'year': 12} -%}
    {%- if datepart == 'day' -%}
        cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
    {%- elif datepart in seconds -%}
        (
            floor(unix_timestamp(cast({{ second_date }} as timestamp_ltz)) / {{ seconds[datepart] }})
            - floor(unix_timestamp(cast({{ first_date }} as timestamp_ltz)) / {{ seconds[datepart] }})
        )
    {%- elif datepart in months -%}
        cast(
            floor((year({{ second_date }}) * 12 + month({{ second_date }}) - 1) / {{ months[datepart] }})
            - floor((year({{ first_date }}) * 12 + month({{ first_date }}) - 1) / {{ months[datepart] }})
            as bigint
        )
    {%- else -%}
        {{ exceptions.raise_compiler_error("datediff: expected second to year, found " ~ datepart) }}
    {%- endif -%}
{%- endmacro -%}

{#- The texts of a group in a stated order: dbt-spark's own macro ignores the order. -#}
{%- macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause }})
{%- endmacro -%}
