with steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

final as (

    select
        as_of,
        customer_key,
        occurred_on as purchased_on,
        {{ money('sum(net_contribution_cny)') }} as day_contribution_cny
    from steps
    where is_standing and kind != 'renewal'
    group by as_of, customer_key, occurred_on

)

select * from final
