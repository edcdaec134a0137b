-- A corrected row arrives again: what is counted is how much a source tells on a day, and not how much is new.
with arrivals as (

    {% for entity in ['leads', 'interactions', 'transactions'] -%}
    select
        '{{ entity }}' as entity,
        source,
        cast(known_at as date) as known_on
    from {{ ref('stg_landing__' ~ entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A source whose mapping was taken out has stopped for good.
final as (

    select
        arrivals.source,
        arrivals.entity,
        arrivals.known_on,
        count(*) as row_count
    from arrivals
    inner join {{ source('landing', 'sources') }} as sources on arrivals.source = sources.source
    where sources.is_mapped
    group by arrivals.source, arrivals.entity, arrivals.known_on

)

select * from final
