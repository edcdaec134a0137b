-- A file counts from the day on which its first row is known, so a historical file counts for the days that it
-- describes. A file without a new row counts from its ingestion.
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
        files.batch,
        files.batch_seq,
        files.source,
        files.file,
        files.entity,
        files.content,
        files.lines,
        files.accepted,
        files.quarantined,
        files.known,
        {{ to_business_time('coalesce(first_known.known_at, files.ingested_at)') }} as counts_from
    from {{ source('landing', 'files') }} as files
    left join first_known
        on
            files.batch = first_known.batch
            and files.file = first_known.file

)

select * from final
