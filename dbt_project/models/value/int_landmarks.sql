-- Days on which the state of customers is measured: as_of for the present state, and earlier days whose following year
-- is over.
{% set ages = [0, 365, 456, 547, 638] %}

with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

dated_landmarks as (

    {% for age in ages -%}
    select
        as_of,
        {{ age }} as age_days,
        cast({{ dbt.dateadd('day', -age, 'as_of') }} as date) as landmark_on
    from dates
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        as_of,
        age_days,
        landmark_on,
        cast({{ dbt.dateadd('day', 90, 'landmark_on') }} as date) as quarter_ends_on,
        cast({{ dbt.dateadd('day', 365, 'landmark_on') }} as date) as year_ends_on
    from dated_landmarks

)

select * from final
