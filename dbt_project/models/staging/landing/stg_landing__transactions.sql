{{ config(materialized='table') }}

with source as (

    {{ versions(source('landing', 'transactions'), 'occurred_at') }}

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
        {{ code('payment_plan') }} as payment_plan,
        coalesce(upper(trim(currency)), 'CNY') as currency,
        amount,
        commission,
        lease_end,
        happened_at as occurred_at,
        -- Historical rows have known_at = occurred_at (leads: created_at). Reuse the converted time.
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
        payment_plan,
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
