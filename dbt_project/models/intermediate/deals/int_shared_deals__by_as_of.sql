{{ config(materialized='table') }}

with named_deals as (

    select
        as_of,
        deal_key
    from {{ ref('int_steps__by_as_of') }}
    where is_deal_named

),

netted_deals as (

    select
        as_of,
        deal_key
    from {{ ref('int_netted_steps__by_as_of') }}

),

final as (

    select * from named_deals
    union distinct
    select * from netted_deals

)

select * from final
