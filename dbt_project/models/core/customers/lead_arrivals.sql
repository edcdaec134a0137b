with records as (

    select
        as_of,
        coalesce(channel, 'unknown') as channel,
        cast(date_trunc('month', created_at) as date) as arrived_month
    from {{ ref('int_records__by_as_of') }}

),

final as (

    select
        as_of,
        channel,
        arrived_month,
        cast(count(*) as integer) as leads
    from records
    group by as_of, channel, arrived_month

)

select * from final
