with source as (

    select * from {{ source('scope', 'run') }}

),

final as (

    select
        run_id,
        publication_as_of,
        rule_version,
        published_at
    from source

)

select * from final
