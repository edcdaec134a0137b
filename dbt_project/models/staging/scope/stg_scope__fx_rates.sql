with source as (

    select * from {{ source('scope', 'fx_rates') }}

),

final as (

    select
        currency,
        valid_from,
        rate
    from source

)

select * from final
