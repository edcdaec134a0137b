-- A file counts from the day on which its first row is known, so a historical file counts for the days that it
-- describes. A file without a new row counts from its ingestion.
with first_known as (

    select * from {{ ref('stg_landing__first_rows') }}

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
        coalesce(first_known.known_at, files.ingested_at) as counts_from
    from {{ ref('stg_landing__files') }} as files
    left join first_known
        on
            files.batch = first_known.batch
            and files.file = first_known.file

)

select * from final
