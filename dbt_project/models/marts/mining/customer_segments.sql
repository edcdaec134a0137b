with segments as (

    select * from {{ ref('stg_mining__customer_segments') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        segments.as_of,
        ids.customer_id,
        segments.persona_id,
        segments.label_en,
        segments.label_zh,
        segments.distance,
        segments.is_outlier
    from segments
    inner join ids on segments.customer_key = ids.customer_key

)

select * from final
