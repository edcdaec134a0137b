-- The window that is judged (place 0) and those of the past that it is compared with. A window with a day of a holiday
-- is neither judged nor compared with.
with dates as (

    select as_of from {{ ref('int_as_of_dates') }}

),

rules as (

    select * from {{ ref('history_rules') }}
    where step_days > 0

),

holidays as (

    select * from {{ ref('seasons') }}
    where activity < 1

),

places as (

    {% for place in range(9) -%}
    select {{ place }} as place
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

placed as (

    select
        dates.as_of,
        rules.rule,
        places.place,
        cast({{ dbt.dateadd('day', '-places.place * rules.step_days', 'dates.as_of') }} as date) as ends_on,
        cast(
            {{ dbt.dateadd('day', '1 - places.place * rules.step_days - rules.window_days', 'dates.as_of') }} as date
        ) as starts_on
    from dates
    cross join rules
    inner join places on rules.past_windows >= places.place

),

final as (

    select
        placed.as_of,
        placed.rule,
        placed.place,
        placed.starts_on,
        placed.ends_on,
        count(holidays.period) > 0 as has_holiday
    from placed
    left join holidays
        on
            placed.ends_on >= holidays.starts_on
            and placed.starts_on <= holidays.ends_on
    group by placed.as_of, placed.rule, placed.place, placed.starts_on, placed.ends_on

)

select * from final
