with source as (

    select * from {{ source('cases', 'cases') }}

),

final as (

    select
        case_id,
        customer_key,
        opened_on,
        level,
        likely_cause,
        action,
        owner_agent_id,
        due_on,
        arm
    from source

)

select * from final
