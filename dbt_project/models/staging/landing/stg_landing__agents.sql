{{ config(materialized='table') }}

with source as (

    {{ versions(source('landing', 'agents')) }}

),

final as (

    select
        source,
        row_key,
        trim(agent_id) as agent_id,
        nullif(trim(team), '') as team,
        -- Landing may contain numbers out of range from before the contract had limits.
        {{ dbt.safe_cast('capacity_per_day', 'integer') }} as capacity_per_day,
        {{ to_business_time('known_at') }} as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

)

select * from final
