{#
    Aggregate: keeps the dates of a group, in order, that are at least `days` after the previously kept date.
    `last_kept` is the date before the first and the first element of the array. Each date depends on the last kept
    date, so this is a fold and not a window function.
#}
{% macro spaced_dates(dates, last_kept, days) -%}
    {{ return(adapter.dispatch('spaced_dates')(dates, last_kept, days)) }}
{%- endmacro %}

{% macro duckdb__spaced_dates(dates, last_kept, days) -%}
    list_reduce(
        array_agg([{{ dates }}] order by {{ dates }} asc),
        lambda kept, next: case when date_diff('day', kept[-1], next[1]) >= {{ days }} then list_concat(kept, next) else kept end,
        [{{ last_kept }}]
    )
{%- endmacro %}

{% macro spark__spaced_dates(dates, last_kept, days) -%}
    aggregate(
        array_sort(collect_list({{ dates }})),
        array({{ last_kept }}),
        (kept, next) -> case when datediff(next, element_at(kept, -1)) >= {{ days }} then concat(kept, array(next)) else kept end
    )
{%- endmacro %}
