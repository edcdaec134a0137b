with steps as (

    select * from {{ ref('int_steps__by_as_of') }}

),

named_reversals as (

    select * from {{ ref('int_named_reversals__by_as_of') }}

),

unnamed_reversals as (

    select * from {{ ref('int_netted_steps__by_as_of') }}

),

netted as (

    select
        as_of,
        netted_transaction_key
    from {{ ref('int_netted_steps__by_as_of') }}
    where netted_transaction_key is not null

),

final as (

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
        netted.netted_transaction_key is not null
        or not coalesce(unnamed_reversals.is_unmatched_reversal, true) as is_netted,
        coalesce(named_reversals.is_opening_reversal, false) as is_opening_reversal,
        coalesce(
            named_reversals.is_unmatched_reversal, unnamed_reversals.is_unmatched_reversal, false
        ) as is_unmatched_reversal,
        steps.amount,
        steps.contribution_cny,
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
    left join netted
        on
            steps.as_of = netted.as_of
            and steps.transaction_key = netted.netted_transaction_key

)

select * from final
