with rfm as (

    {{ on_published_day('customer_rfm__by_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

final as (

    select
        rfm.as_of,
        ids.customer_id,
        rfm.recency_days,
        rfm.engagement_recency_days,
        rfm.frequency,
        rfm.monetary_total,
        rfm.monetary_mean,
        rfm.r,
        rfm.f,
        rfm.m,
        rfm.rfm_code,
        rfm.rfm_segment,
        segments.label_en as rfm_segment_en,
        segments.label_zh as rfm_segment_zh
    from rfm
    inner join ids on rfm.customer_key = ids.customer_key
    left join segments on rfm.rfm_segment = segments.segment

)

select * from final
