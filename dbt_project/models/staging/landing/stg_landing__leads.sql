{{ config(materialized='table') }}

with source as (

    -- A correction may move the enquiry date to a later day. The customer stays known: the correction counts from that
    -- later day.
    {{ versions(source('landing', 'leads'), 'created_at', 'greatest(entries.known_at, entries.created_at)') }}

),

batches as (

    select * from {{ source('landing', 'batches') }}

),

-- Sources overwrite the status later. In a historical delivery, a status counts from the update time of its row,
-- otherwise from the latest moment that the delivery covers, never from the creation of the lead.
with_status_time as (

    select
        source.*,
        greatest(
            source.known_at,
            least(coalesce(source.updated_at, batches.known_until, source.ingested_at), source.ingested_at)
        ) as status_known_at
    from source
    left join batches on source.batch = batches.batch

),

renamed as (

    select
        source,
        row_key,
        batch_seq,
        content_hash,
        source || ':' || lead_id as record_key,
        {{ code('customer_kind') }} as customer_kind,
        {{ code('channel') }} as channel,
        {{ code('campaign') }} as campaign,
        {{ code('demand_type') }} as demand_type,
        {{ code('purpose') }} as purpose,
        {{ code('stated_intent') }} as stated_intent,
        replace(replace({{ code('status') }}, ' ', '_'), '-', '_') as status,
        {{ code('preferred_layout') }} as preferred_layout,
        trim(occupation) as occupation,
        trim(industry) as industry,
        {{ code('income_band') }} as income_band,
        trim(agent_id) as agent_id,
        trim(project) as project,
        {{ code('preferred_district') }} as preferred_district,
        area_min,
        area_max,
        marketing_consent,
        has_phone,
        budget_min > budget_max as is_reversed,
        budget_min,
        budget_max,
        coalesce(upper(trim(currency)), 'CNY') as currency,
        happened_at as created_at,
        {{ to_business_time('coalesce(updated_at, created_at)') }} as updated_at,
        -- Historical rows have known_at = occurred_at (leads: created_at). Reuse the converted time.
        case when known_at = created_at then happened_at else {{ to_business_time('known_at') }} end as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at,
        {{ to_business_time('status_known_at') }} as status_known_at,
        case
            when updated_at is not null then {{ to_business_time('least(updated_at, ingested_at)') }}
        end as stated_at,
        revision
    from with_status_time

),

final as (

    select
        source,
        row_key,
        batch_seq,
        content_hash,
        record_key,
        customer_kind,
        channel,
        campaign,
        demand_type,
        purpose,
        stated_intent,
        status,
        preferred_layout,
        occupation,
        industry,
        income_band,
        agent_id,
        project,
        preferred_district,
        area_min,
        area_max,
        currency,
        marketing_consent,
        has_phone,
        coalesce(is_reversed, false) as is_budget_reversed,
        case when is_reversed then budget_max else budget_min end as budget_min,
        case when is_reversed then budget_min else budget_max end as budget_max,
        created_at,
        updated_at,
        known_at,
        superseded_at,
        status_known_at,
        stated_at,
        revision
    from renamed

)

select * from final
