with source as (

    select * from {{ source('scope', 'as_of_dates') }}

),

final as (

    select as_of from source

)

select * from final
