with corrections as (

    {{ corrections(source('landing', 'transactions')) }}

),

source as (

    select
        landed.*,
        corrections.superseded_at,
        {{ to_business_time('landed.occurred_at') }} as happened_at
    from {{ source('landing', 'transactions') }} as landed
    left join corrections
        on
            landed.source = corrections.source
            and landed.row_key = corrections.row_key
            and landed.known_at = corrections.known_at
            and landed.batch_seq = corrections.batch_seq
            and landed.content_hash = corrections.content_hash

),

renamed as (

    select
        source,
        row_key,
        source || ':' || lead_id as record_key,
        source || ':' || coalesce(transaction_id, row_key) as transaction_key,
        case
            when related_transaction_id != coalesce(transaction_id, row_key)
                then source || ':' || related_transaction_id
        end as parent_key,
        source || ':' || deal_id as deal_id,
        trim(agent_id) as agent_id,
        {{ code('kind') }} as kind,
        coalesce(upper(trim(currency)), 'CNY') as currency,
        amount,
        commission,
        lease_end,
        happened_at as occurred_at,
        -- The zone is dear: 3 s for 10 million rows. History is known when it happened.
        case when known_at = occurred_at then happened_at else {{ to_business_time('known_at') }} end as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

),

final as (

    select
        source,
        row_key,
        transaction_key,
        record_key,
        parent_key,
        deal_id,
        agent_id,
        kind,
        currency,
        amount,
        commission,
        lease_end,
        occurred_at,
        known_at,
        superseded_at
    from renamed

)

select * from final
