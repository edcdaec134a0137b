{# Days, amounts and probabilities as a person reads them, in English and in Chinese. All return text, null for null. #}

{# `8 June`; `8 June 2025` if the year is not that of as_of. #}
{% macro day_en(day, as_of) -%}
    case
        when year({{ day }}) = year({{ as_of }}) then {{ written(day, "'%-d %B'", "'d MMMM'") }}
        else {{ written(day, "'%-d %B %Y'", "'d MMMM yyyy'") }}
    end
{%- endmacro %}

{# `6 月 8 日`; `2025 年 6 月 8 日` if the year is not that of as_of. #}
{% macro day_zh(day, as_of) -%}
    case
        when year({{ day }}) = year({{ as_of }}) then {{ written(day, "'%-m 月 %-d 日'", "'M 月 d 日'") }}
        else {{ written(day, "'%Y 年 %-m 月 %-d 日'", "'yyyy 年 M 月 d 日'") }}
    end
{%- endmacro %}

{# `1 day`, `12 days`. #}
{% macro days_en(days) -%}
    {{ days }} || case when {{ days }} = 1 then ' day' else ' days' end
{%- endmacro %}

{# `4 %`; one decimal below 1 %. A probability is never shown as 0 % or 100 %. #}
{% macro percent(probability) -%}
    case
        when {{ probability }} < 0.0005 then '<0.1 %'
        when {{ probability }} < 0.0095 then {{ formatted("'{:.1f} %'", "'%.1f %%'", 'cast(' ~ probability ~ ' as double) * 100', 1) }}
        when {{ probability }} >= 0.995 then '>99 %'
        else {{ formatted("'{:.0f} %'", "'%.0f %%'", 'cast(' ~ probability ~ ' as double) * 100') }}
    end
{%- endmacro %}

{# `CNY 21,000`. #}
{% macro money_en(amount) -%}
    {{ formatted("'CNY {:,.0f}'", "'CNY %,.0f'", 'cast(' ~ amount ~ ' as double)') }}
{%- endmacro %}

{# `2.1 万元`, `850 元`. #}
{% macro money_zh(amount) -%}
    case
        when abs({{ amount }}) >= 1000000 then {{ formatted("'{:,.0f} 万元'", "'%,.0f 万元'", 'cast(' ~ amount ~ ' as double) / 10000') }}
        when abs({{ amount }}) >= 10000 then {{ formatted("'{:.1f} 万元'", "'%.1f 万元'", 'cast(' ~ amount ~ ' as double) / 10000', 1) }}
        else {{ formatted("'{:,.0f} 元'", "'%,.0f 元'", 'cast(' ~ amount ~ ' as double)') }}
    end
{%- endmacro %}

{# A day as text, in a pattern of DuckDB and the same pattern of Spark, both as SQL literals. #}
{% macro written(day, duckdb_pattern, spark_pattern) -%}
    {{ return(adapter.dispatch('written')(day, duckdb_pattern, spark_pattern)) }}
{%- endmacro %}

{% macro duckdb__written(day, duckdb_pattern, spark_pattern) -%}
    strftime({{ day }}, {{ duckdb_pattern }})
{%- endmacro %}

{% macro spark__written(day, duckdb_pattern, spark_pattern) -%}
    date_format({{ day }}, {{ spark_pattern }})
{%- endmacro %}

{#
    A number as text, in a pattern of DuckDB and the same pattern of Spark, both as SQL literals. `decimals`: of the
    pattern, 0 or 1.
#}
{% macro formatted(duckdb_pattern, spark_pattern, number, decimals=0) -%}
    {{ return(adapter.dispatch('formatted')(duckdb_pattern, spark_pattern, number, decimals)) }}
{%- endmacro %}

{% macro duckdb__formatted(duckdb_pattern, spark_pattern, number, decimals) -%}
    format({{ duckdb_pattern }}, {{ number }})
{%- endmacro %}

{#
    DuckDB rounds the exact value of a double, a half to the even digit. Java would round its shortest text, a half away
    from zero: 0.15 to 0.2, where DuckDB has 0.1. So the number is rounded before. With one decimal, 20 x is compared
    with the odd integer between the two candidates; each step of `16 x - odd + 4 x` is exact.
#}
{% macro spark__formatted(duckdb_pattern, spark_pattern, number, decimals) -%}
    {%- if decimals == 0 -%}
        format_string({{ spark_pattern }}, rint({{ number }}))
    {%- else -%}
        {%- set tenths = 'floor((' ~ number ~ ') * 10)' -%}
        {%- set above_half = '((16 * (' ~ number ~ ') - (2 * ' ~ tenths ~ ' + 1)) + 4 * (' ~ number ~ '))' -%}
        format_string({{ spark_pattern }}, (
            {{ tenths }} + case
                when {{ above_half }} > 0 then 1
                when {{ above_half }} < 0 then 0
                else pmod({{ tenths }}, 2)
            end
        ) / 10e0)
    {%- endif -%}
{%- endmacro %}
