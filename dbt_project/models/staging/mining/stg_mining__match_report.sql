with source as (

    select * from {{ source('listing_recommendations', 'match_report') }}

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
