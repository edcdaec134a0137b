{{ config(materialized='table') }}

with source as (

    {{ versions(source('landing', 'interactions'), 'occurred_at') }}

),

renamed as (

    select
        source,
        row_key,
        source || ':' || lead_id as record_key,
        {{ code('kind') }} as kind,
        {{ code('direction') }} as direction,
        trim(agent_id) as agent_id,
        {{ code('complaint_category') }} as complaint_category,
        {{ code('campaign') }} as campaign,
        {{ code('arm') }} as arm,
        answered,
        -- Landing may contain scores on other scales from before the contract had limits.
        case when satisfaction_score between 1 and 5 then satisfaction_score end as satisfaction_score,
        happened_at as occurred_at,
        -- Historical rows have known_at = occurred_at (leads: created_at). Reuse the converted time.
        case when known_at = occurred_at then happened_at else {{ to_business_time('known_at') }} end as known_at,
        {{ to_business_time('resolved_at') }} as resolved_at,
        {{ to_business_time('superseded_at') }} as superseded_at,
        source || ':' || trim(property_id) as property_key
    from source

),

final as (

    select
        source,
        row_key,
        record_key,
        kind,
        direction,
        agent_id,
        complaint_category,
        campaign,
        arm,
        answered,
        satisfaction_score,
        occurred_at,
        resolved_at,
        known_at,
        superseded_at,
        property_key
    from renamed

)

select * from final
