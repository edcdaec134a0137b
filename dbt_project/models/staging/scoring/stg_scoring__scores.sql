with source as (

    select * from {{ source('scoring', 'scores') }}

),

final as (

    select
        target,
        customer_key,
        as_of,
        horizon_days,
        model_version,
        probability_source,
        probability,
        reason_1,
        reason_2,
        reason_3,
        reason_1_zh,
        reason_2_zh,
        reason_3_zh,
        contribution_1,
        contribution_2,
        contribution_3
    from source

)

select * from final
