with source as (

    select * from {{ source('ledger', 'grades') }}

),

final as (

    select
        customer_key,
        graded_as_of,
        grade,
        score,
        rule_version,
        model_version,
        warning_level
    from source

)

select * from final
