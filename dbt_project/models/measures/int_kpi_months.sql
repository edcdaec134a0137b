{# The last 24 months, and the month before them, whose end is the beginning of the first month. #}
{% set months = 24 %}

with run as (

    select * from {{ ref('stg_scope__run') }}

),

records as (

    {{ on_published_day('int_records__by_as_of') }}

),

first_lead as (

    select cast({{ dbt.date_trunc('month', 'min(records.created_at)') }} as date) as first_month
    from records

),

offsets as (

    {% for months_ago in range(months + 1) -%}
    select {{ months_ago }} as months_ago
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

months_back as (

    select
        run.publication_as_of as as_of,
        offsets.months_ago,
        cast(
            {{ dbt.dateadd('month', '-offsets.months_ago', dbt.date_trunc('month', 'run.publication_as_of')) }} as date
        ) as month_start
    from run
    cross join offsets

),

with_end as (

    select
        *,
        cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'month_start')) }} as date) as month_end
    from months_back

),

final as (

    select
        with_end.as_of,
        with_end.month_start,
        least(with_end.month_end, with_end.as_of) as ends_on,
        with_end.month_end <= with_end.as_of as is_complete,
        with_end.months_ago < {{ months }} and with_end.month_start >= first_lead.first_month as is_shown
    from with_end
    cross join first_lead

)

select * from final
