{{ config(materialized='table') }}

with source as (

    select * from {{ source('landing', 'refusals') }}

),

final as (

    select
        source || ':' || lead_id as record_key,
        marketing_consent,
        replace(replace({{ code('status') }}, ' ', '_'), '-', '_') as status,
        {{ to_business_time('known_at') }} as known_at,
        {{ to_business_time('greatest(known_at, least(coalesce(updated_at, ingested_at), ingested_at))') }}
            as status_known_at,
        case
            when updated_at is not null then {{ to_business_time('least(updated_at, ingested_at)') }}
        end as stated_at
    from source

)

select * from final
