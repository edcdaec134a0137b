with source as (

    select * from {{ source('personas', 'segment_profiles') }}

),

final as (

    select
        as_of,
        persona_id,
        label_en,
        label_zh,
        customers,
        share,
        measure,
        value,
        overall,
        words_en,
        words_zh,
        fitted_on
    from source

)

select * from final
