with reports as (

    select * from {{ ref('stg_mining__reports') }}

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
    from reports

)

select * from final
