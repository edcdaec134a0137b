-- A file has rows of several entities.
with first_rows as (

    {% for entity in ['leads', 'interactions', 'transactions', 'agents', 'properties', 'costs'] -%}
    select
        batch,
        file,
        min(known_at) as known_at
    from {{ source('landing', entity) }}
    group by batch, file
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

first_known as (

    select
        batch,
        file,
        min(known_at) as known_at
    from first_rows
    group by batch, file

),

final as (

    select
        batch,
        file,
        {{ to_business_time('known_at') }} as known_at
    from first_known

)

select * from final
