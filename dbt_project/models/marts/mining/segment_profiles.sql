with final as (

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
    from {{ ref('stg_mining__segment_profiles') }}

)

select * from final
