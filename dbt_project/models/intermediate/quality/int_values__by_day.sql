-- Columns whose shares of values are stable from week to week, over the days that are compared.
with dates as (

    select
        min(as_of) as first_as_of,
        max(as_of) as last_as_of
    from {{ ref('int_as_of_dates') }}

),

sources as (

    select * from {{ ref('stg_landing__sources') }}
    where is_mapped

),

{% set fields = [
    ('leads', 'channel', "coalesce(channel, '')"),
    ('leads', 'currency', 'currency'),
    ('leads', 'demand_type', "coalesce(demand_type, '')"),
    ('leads', 'stated_intent', "coalesce(stated_intent, '')"),
    ('leads', 'has_phone', "case when has_phone then 'true' else 'false' end"),
    ('leads', 'has_budget', "case when coalesce(budget_min, budget_max) is null then 'false' else 'true' end"),
    ('interactions', 'kind', "coalesce(kind, '')"),
    ('interactions', 'answered', "coalesce(cast(answered as string), '')"),
    ('transactions', 'kind', "coalesce(kind, '')"),
    ('transactions', 'currency', 'currency'),
] %}

counts as (

    {% for entity, field, value in fields -%}
    select
        source,
        '{{ entity }}' as entity,
        '{{ field }}' as field,
        {{ value }} as value,
        cast(known_at as date) as known_on,
        count(*) as row_count
    from {{ ref('stg_landing__' ~ entity) }}
    group by 1, 4, 5
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        counts.source,
        counts.entity,
        counts.field,
        counts.value,
        counts.known_on,
        counts.row_count
    from counts
    inner join sources on counts.source = sources.source
    cross join dates
    where
        counts.known_on > {{ dbt.dateadd('day', -200, 'dates.first_as_of') }}
        and counts.known_on <= dates.last_as_of

)

select * from final
