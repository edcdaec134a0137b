{#
    Aggregate: of the dates of a group, in order, those that lie at least `days` after the one kept before; the first is
    measured against `last_kept`, which is the first element of the array. Whether a date is kept depends on the
    one kept before it: that is no window but a fold.
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
