-- Latest moment that was known of each source at publication_as_of.
with dates as (

    {{ on_published_day('int_as_of_dates') }}

),

known as (

    {% for entity in ['leads', 'interactions', 'transactions'] -%}
    select
        source,
        known_at
    from {{ ref('stg_landing__' ~ entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        known.source,
        max(known.known_at) as known_until
    from known
    inner join dates on known.known_at < dates.cutoff_at
    group by known.source

)

select * from final
