-- Warns if the table ends too early: after its last year, every day counts as a usual day, including Spring Festival.
{{ config(severity='warn') }}

with seasons as (

    select
        min(starts_on) as first_on,
        max(ends_on) as last_on
    from {{ ref('seasons') }}

)

select dates.as_of
from {{ ref('int_as_of_dates') }} as dates
cross join seasons
where
    dates.as_of < seasons.first_on
    or {{ dbt.dateadd('day', 120, 'dates.as_of') }} > seasons.last_on
