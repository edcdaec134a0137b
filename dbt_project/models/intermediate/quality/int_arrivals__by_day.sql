-- A corrected row arrives again: this model counts what a source delivers in a day, not only new rows.
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

-- Sources without a mapping have stopped for good.
final as (

    select
        arrivals.source,
        arrivals.entity,
        arrivals.known_on,
        count(*) as row_count
    from arrivals
    inner join {{ ref('stg_landing__sources') }} as sources on arrivals.source = sources.source
    where sources.is_mapped
    group by arrivals.source, arrivals.entity, arrivals.known_on

)

select * from final
