with as_of_dates as (

    select * from {{ ref('stg_scope__as_of_dates') }}

),

final as (

    select
        as_of,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as cutoff_at
    from as_of_dates

)

select * from final
