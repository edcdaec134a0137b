with source as (

    select * from {{ source('personas', 'persona_report') }}

),

final as (

    select
        as_of,
        topic,
        subject,
        metric,
        value,
        low,
        high,
        bar,
        passed,
        note
    from source

)

select * from final
