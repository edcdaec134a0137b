{{ config(materialized='table') }}

with source as (

    {{ versions(source('landing', 'costs')) }}

),

final as (

    select
        source,
        row_key,
        {{ code('channel') }} as channel,
        amount,
        -- Already a day of the business calendar. A month has no hour, so no time zone applies.
        cast({{ dbt.date_trunc('month', 'month') }} as date) as spent_in,
        {{ to_business_time('known_at') }} as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

)

select * from final
