with source as (

    select * from {{ source('landing', 'files') }}

),

final as (

    select
        batch,
        batch_seq,
        source,
        file,
        entity,
        content,
        lines,
        accepted,
        quarantined,
        known,
        {{ to_business_time('ingested_at') }} as ingested_at
    from source

)

select * from final
