with source as (

    -- A correction that dates the enquiry after the day does not take back a customer who is known: it waits.
    {{ versions(source('landing', 'leads'), 'created_at', 'greatest(entries.known_at, entries.created_at)') }}

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
        {{ code('demand_type') }} as demand_type,
        {{ code('purpose') }} as purpose,
        {{ code('stated_intent') }} as stated_intent,
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
        budget_min > budget_max as is_reversed,
        budget_min,
        budget_max,
        coalesce(upper(trim(currency)), 'CNY') as currency,
        happened_at as created_at,
        {{ to_business_time('coalesce(updated_at, created_at)') }} as updated_at,
        -- History is known when it happened: nothing to reckon in another zone.
        case when known_at = created_at then happened_at else {{ to_business_time('known_at') }} end as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

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
        demand_type,
        purpose,
        stated_intent,
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
        coalesce(is_reversed, false) as is_budget_reversed,
        case when is_reversed then budget_max else budget_min end as budget_min,
        case when is_reversed then budget_min else budget_max end as budget_max,
        created_at,
        updated_at,
        known_at,
        superseded_at
    from renamed

)

select * from final
