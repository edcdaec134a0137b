with source as (

    select * from {{ source('personas', 'customer_segments') }}

),

final as (

    select
        as_of,
        customer_key,
        persona_id,
        label_en,
        label_zh,
        distance,
        is_outlier
    from source

)

select * from final
