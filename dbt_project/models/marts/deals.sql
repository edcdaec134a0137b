{{ config(materialized='view') }}

with shared_deals as (

    select * from {{ ref('int_shared_deals__by_as_of') }}

),

-- Most deals are one step that nothing follows: they need no grouping.
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
        case when steps.is_signed then steps.amount end as gross_amount,
        cast(null as decimal(18, 4)) as reversed_amount,
        case when steps.is_signed then steps.contribution_cny end as gross_contribution,
        cast(null as decimal(18, 4)) as lost_contribution,
        steps.occurred_on as opened_on,
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
        min(currency) as currency,
        count(case when is_signed then 1 end) as signed_steps,
        count(case when is_signed and not is_netted then 1 end) as standing_steps,
        count(case when is_reversal then 1 end) as reversals,
        count(case when is_unmatched_reversal then 1 end) as unmatched_reversals,
        {{ money('sum(case when is_signed and not is_netted then amount end)') }} as gross_amount,
        {{ money(
            'sum(
                case
                    when is_reversal and not (is_netted or is_opening_reversal or is_unmatched_reversal) then amount
                end
            )'
        ) }} as reversed_amount,
        {{ money('sum(case when is_signed and not is_netted then contribution_cny end)') }} as gross_contribution,
        {{ money('sum(case when is_unmatched_reversal then contribution_cny end)') }} as lost_contribution,
        min(occurred_on) as opened_on,
        max(case when is_signed and not is_netted then occurred_on end) as last_signed_on
    from shared_steps
    group by as_of, customer_key, deal_key

),

summed as (

    select * from single_steps
    union all
    select * from grouped_steps

),

netted as (

    select
        *,
        coalesce(gross_amount, 0) - coalesce(reversed_amount, 0) as net_amount,
        case
            when standing_steps > 0 and (reversed_amount is null or gross_amount > reversed_amount) then 'signed'
            when signed_steps > 0 or reversals > 0 then 'cancelled'
            else 'subscribed'
        end as state
    from summed

),

final as (

    select
        as_of,
        customer_key,
        deal_key,
        currency,
        state,
        unmatched_reversals > 0 as is_unmatched_reversal,
        cast(reversals as integer) as reversals,
        {{ money('net_amount') }} as net_amount,
        -- A reversal takes its share of what the deal earned, whatever rate and commission it carries itself.
        {{ money(
            'case
                when reversed_amount is null then coalesce(gross_contribution, 0)
                when gross_amount > 0 then gross_contribution * (net_amount / gross_amount)
                else 0
            end - coalesce(lost_contribution, 0)'
        ) }} as contribution_cny,
        opened_on,
        case when state = 'signed' then last_signed_on end as last_signed_on
    from netted

)

select * from final
