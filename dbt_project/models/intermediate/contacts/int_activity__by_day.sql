{{ config(materialized='table') }}

with seasons as (

    select * from {{ ref('seasons') }}

),

numbers as (

    {{ dbt.generate_series(32768) }}

),

days as (

    select
        cast(
            {{ dbt.dateadd('day', 'cast(generated_number as integer) - 1', "cast('1970-01-01' as date)") }} as date
        ) as day_on
    from numbers

),

day_activity as (

    select
        days.day_on,
        coalesce(min(seasons.activity), 1) as activity
    from days
    left join seasons
        on
            days.day_on >= seasons.starts_on
            and days.day_on <= seasons.ends_on
    group by days.day_on

),

final as (

    select
        day_on,
        activity,
        sum(activity) over (
            order by day_on asc
            rows between unbounded preceding and current row
        ) as activity_to_date
    from day_activity

)

select * from final
