with shared_deals as (

    select * from {{ ref('int_shared_deals__by_as_of') }}

),

-- Most deals have a single step. Splitting them off avoids grouping all steps.
single_steps as (

    select
        steps.as_of,
        steps.customer_key,
        steps.deal_key,
        steps.currency,
        case when steps.is_signed then 1 else 0 end as signed_steps,
        case when steps.is_signed then 1 else 0 end as standing_steps,
        0 as reversals,
        0 as unmatched_reversals,
        steps.net_amount,
        steps.net_contribution_cny as contribution_cny,
        steps.occurred_on as opened_on,
        case when steps.is_signed then steps.occurred_on end as first_signed_on,
        case when steps.is_signed then steps.occurred_on end as last_signed_on
    from {{ ref('int_deal_steps__by_as_of') }} as steps
    left join shared_deals
        on
            steps.as_of = shared_deals.as_of
            and steps.deal_key = shared_deals.deal_key
    where shared_deals.deal_key is null

),

shared_steps as (

    select steps.*
    from {{ ref('int_deal_steps__by_as_of') }} as steps
    inner join shared_deals
        on
            steps.as_of = shared_deals.as_of
            and steps.deal_key = shared_deals.deal_key

),

grouped_steps as (

    select
        as_of,
        customer_key,
        deal_key,
        -- Amounts in two currencies have no sum.
        case when min(currency) = max(currency) then min(currency) end as currency,
        count(case when is_signed then 1 end) as signed_steps,
        count(case when is_standing then 1 end) as standing_steps,
        count(case when is_reversal then 1 end) as reversals,
        count(case when is_unmatched_reversal then 1 end) as unmatched_reversals,
        case when min(currency) = max(currency) then {{ money('sum(net_amount)') }} end as net_amount,
        -- Null if no signature that was not reversed has an exchange rate.
        case
            when count(case when is_standing then 1 end) = 0 then {{ money('coalesce(sum(net_contribution_cny), 0)') }}
            when count(case when is_standing then net_contribution_cny end) > 0
                then {{ money('sum(net_contribution_cny)') }}
        end as contribution_cny,
        min(occurred_on) as opened_on,
        min(case when is_standing then occurred_on end) as first_signed_on,
        max(case when is_standing then occurred_on end) as last_signed_on
    from shared_steps
    group by as_of, customer_key, deal_key

),

summed as (

    select * from single_steps
    union all
    select * from grouped_steps

),

final as (

    select
        as_of,
        customer_key,
        deal_key,
        currency,
        case
            when standing_steps > 0 then 'signed'
            when signed_steps > 0 or reversals > 0 then 'cancelled'
            else 'subscribed'
        end as state,
        unmatched_reversals > 0 as is_unmatched_reversal,
        cast(reversals as integer) as reversals,
        net_amount,
        contribution_cny,
        opened_on,
        first_signed_on,
        last_signed_on
    from summed

)

select * from final
