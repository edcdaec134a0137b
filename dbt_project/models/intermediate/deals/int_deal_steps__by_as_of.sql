{# A table, because many models and tests read it and would otherwise repeat its joins. #}
{{ config(materialized='table') }}

with steps as (

    select * from {{ ref('int_steps__by_as_of') }}

),

named_reversals as (

    select * from {{ ref('int_named_reversals__by_as_of') }}

),

unnamed_reversals as (

    select * from {{ ref('int_netted_steps__by_as_of') }}

),

netted_steps as (

    select
        as_of,
        netted_transaction_key
    from {{ ref('int_netted_steps__by_as_of') }}
    where netted_transaction_key is not null

),

remaining_shares as (

    select * from {{ ref('int_remaining_shares__by_as_of') }}

),

joined as (

    select
        steps.as_of,
        coalesce(named_reversals.customer_key, steps.customer_key) as customer_key,
        coalesce(unnamed_reversals.deal_key, steps.deal_key) as deal_key,
        steps.transaction_key,
        steps.kind,
        steps.currency,
        steps.is_opening,
        steps.is_signed,
        steps.is_reversal,
        netted_steps.netted_transaction_key is not null
        or not coalesce(unnamed_reversals.is_unmatched_reversal, true) as is_netted,
        coalesce(named_reversals.is_opening_reversal, false) as is_opening_reversal,
        coalesce(
            named_reversals.is_unmatched_reversal, unnamed_reversals.is_unmatched_reversal, false
        ) as is_unmatched_reversal,
        steps.amount,
        steps.contribution_cny,
        case
            when netted_steps.netted_transaction_key is not null then 0
            else coalesce(remaining_shares.remaining_share, 1)
        end as remaining_share,
        steps.occurred_on
    from steps
    left join named_reversals
        on
            steps.as_of = named_reversals.as_of
            and steps.transaction_key = named_reversals.transaction_key
    left join unnamed_reversals
        on
            steps.as_of = unnamed_reversals.as_of
            and steps.transaction_key = unnamed_reversals.transaction_key
    left join netted_steps
        on
            steps.as_of = netted_steps.as_of
            and steps.transaction_key = netted_steps.netted_transaction_key
    left join remaining_shares
        on
            steps.as_of = remaining_shares.as_of
            and steps.transaction_key = remaining_shares.transaction_key

),

final as (

    select
        as_of,
        customer_key,
        deal_key,
        transaction_key,
        kind,
        currency,
        is_opening,
        is_signed,
        is_reversal,
        is_signed and remaining_share > 0 as is_standing,
        is_netted,
        is_opening_reversal,
        is_unmatched_reversal,
        amount,
        case
            when not is_signed or remaining_share = 0 then {{ money('0') }}
            when remaining_share = 1 then amount
            else {{ money('cast(amount as double) * remaining_share') }}
        end as net_amount,
        contribution_cny,
        case
            when is_unmatched_reversal then -contribution_cny
            when not is_signed or remaining_share = 0 then {{ money('0') }}
            when remaining_share = 1 then contribution_cny
            else {{ money('cast(contribution_cny as double) * remaining_share') }}
        end as net_contribution_cny,
        occurred_on
    from joined

)

select * from final
