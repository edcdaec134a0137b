with matches as (

    select * from {{ ref('stg_mining__listing_matches') }}

),

listings as (

    select * from {{ ref('listings') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        matches.as_of,
        ids.customer_id,
        matches.rank as match_rank,
        listings.source,
        listings.property_id,
        matches.score,
        matches.why_en,
        matches.why_zh
    from matches
    inner join ids on matches.customer_key = ids.customer_key
    inner join listings
        on
            matches.as_of = listings.as_of
            and matches.property_key = listings.property_key

)

select * from final
