with corrections as (

    {{ corrections(source('landing', 'agents')) }}

),

source as (

    select
        landed.*,
        corrections.superseded_at
    from {{ source('landing', 'agents') }} as landed
    left join corrections
        on
            landed.source = corrections.source
            and landed.row_key = corrections.row_key
            and landed.known_at = corrections.known_at
            and landed.batch_seq = corrections.batch_seq
            and landed.content_hash = corrections.content_hash

),

final as (

    select
        source,
        row_key,
        trim(agent_id) as agent_id,
        nullif(trim(team), '') as team,
        cast(capacity_per_day as integer) as capacity_per_day,
        {{ to_business_time('known_at') }} as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

)

select * from final
