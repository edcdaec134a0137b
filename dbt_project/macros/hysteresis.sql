{#
    Body of a CTE: hysteresis of levels. Input: `signals`, one row per customer_key, as_of and cut_number. Output: the
    highest cut_number that each customer has reached on each as_of of the run. `side`: 1 above the cut, 0 below.
    `side_beyond_band`: 1 above the band, 0 below it, null within it. The last known side of each cut decides, so a
    backfill needs no recursion. On the first day of a customer, `side` decides. Rows with is_of_run = false are
    previous levels from the ledger.
#}
{% macro hysteresis(signals) -%}
    select
        as_of,
        customer_key,
        max(case when last_below_on is null or last_above_on > last_below_on then cut_number end) as cut_number
    from (
        select
            as_of,
            customer_key,
            cut_number,
            is_of_run,
            max(case when known_side = 1 then as_of end) over (
                partition by customer_key, cut_number
                order by as_of asc
                rows between unbounded preceding and current row
            ) as last_above_on,
            max(case when known_side = 0 then as_of end) over (
                partition by customer_key, cut_number
                order by as_of asc
                rows between unbounded preceding and current row
            ) as last_below_on
        from (
            select
                *,
                case
                    when lag(as_of) over (partition by customer_key, cut_number order by as_of asc) is null then side
                    else side_beyond_band
                end as known_side
            from {{ signals }}
        ) as known_sides
    ) as last_sides
    where is_of_run
    group by as_of, customer_key
{%- endmacro %}
