{#
    Of signals (customer_key × as_of × cut_number) the highest cut that each customer stands above on each day of the
    run. `side`: 1 above the plain cut, 0 below it; `side_beyond_band`: the same beyond the band around it, null within.
    What counts is on which side of the band the customer was last: so the days of a backfill need no recursion. Whoever
    has no day before goes by the plain cuts. Rows with `is_of_run` false are what the ledger remembers.
#}
{% macro held_cuts(signals) -%}
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
        ) as sided
    ) as lasting
    where is_of_run
    group by as_of, customer_key
{%- endmacro %}
