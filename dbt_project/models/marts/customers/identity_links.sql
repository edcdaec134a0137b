with links as (

    {{ on_published_day('stg_identity__links') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        links.as_of,
        ids.customer_id,
        links.record_id,
        links.linked_record_id,
        links.rule,
        links.evidence,
        cast(links.score as double) as score
    from links
    inner join ids on links.customer_key = ids.customer_key

)

select * from final
