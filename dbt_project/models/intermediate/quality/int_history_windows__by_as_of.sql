-- The window that is checked (place 0) and the past windows that it is compared with. `has_holiday` marks windows with
-- a holiday; readers skip them.
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

windows as (

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
        windows.as_of,
        windows.rule,
        windows.place,
        windows.starts_on,
        windows.ends_on,
        count(holidays.period) > 0 as has_holiday
    from windows
    left join holidays
        on
            windows.ends_on >= holidays.starts_on
            and windows.starts_on <= holidays.ends_on
    group by windows.as_of, windows.rule, windows.place, windows.starts_on, windows.ends_on

)

select * from final
