with source as (

    select * from {{ source('landing', 'labels') }}

),

final as (

    select
        label_kind,
        label,
        {{ to_business_time('shown_from') }} as shown_from
    from source

)

select * from final
