-- What named reversals leave of the signed steps of their deals: as_of × customer × signed step. A reversal takes from
-- the step that it names, else from the latest signature before it: so a renewal changes nothing of earlier months. A
-- cancellation takes all that remains of the step that it names: sources write 0, a fee or the whole amount beside it.
{{ config(materialized='table') }}

{# Oldest first; at one moment a signature comes before its reversal. #}
{% set stack %}partition by as_of, customer_key, deal_key
            order by occurred_at asc, direction desc, transaction_key asc{% endset %}

with reversals as (

    select * from {{ ref('int_named_reversals__by_as_of') }}
    where not (is_unmatched_reversal or is_opening_reversal)

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

reversed_deals as (

    select distinct
        as_of,
        customer_key,
        deal_key
    from reversals

),

entries as (

    select
        steps.as_of,
        steps.customer_key,
        steps.deal_key,
        steps.transaction_key,
        cast(null as varchar) as parent_key,
        false as is_cancellation,
        1 as direction,
        steps.currency,
        steps.amount,
        steps.occurred_at,
        steps.occurred_on
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join reversed_deals
        on
            steps.as_of = reversed_deals.as_of
            and steps.customer_key = reversed_deals.customer_key
            and steps.deal_key = reversed_deals.deal_key
    where steps.is_signed
    union all
    select
        as_of,
        customer_key,
        deal_key,
        transaction_key,
        parent_key,
        kind = 'cancellation' as is_cancellation,
        -1 as direction,
        currency,
        amount,
        occurred_at,
        occurred_on
    from reversals

),

currencies as (

    select
        as_of,
        customer_key,
        deal_key,
        min(currency) != max(currency) as is_mixed
    from entries
    group by as_of, customer_key, deal_key

),

-- Amounts of one currency are compared as they are: a full refund at another rate is still a full refund.
comparable as (

    select
        entries.as_of,
        entries.customer_key,
        entries.deal_key,
        entries.transaction_key,
        entries.parent_key,
        entries.is_cancellation,
        entries.direction,
        entries.occurred_at,
        case
            when not currencies.is_mixed then {{ wide('entries.amount') }}
            else {{ wide('cast(entries.amount as double) * cast(fx_rates.rate as double)') }}
        end as amount
    from entries
    inner join currencies
        on
            entries.as_of = currencies.as_of
            and entries.customer_key = currencies.customer_key
            and entries.deal_key = currencies.deal_key
    left join fx_rates
        on
            entries.currency = fx_rates.currency
            and entries.occurred_on >= fx_rates.valid_from
            and entries.occurred_on < fx_rates.valid_to

),

signatures as (

    select * from comparable
    where direction = 1

),

named as (

    select
        reversals.as_of,
        reversals.customer_key,
        reversals.deal_key,
        reversals.transaction_key,
        reversals.occurred_at,
        reversals.amount,
        reversals.is_cancellation,
        signatures.transaction_key as signature_key
    from comparable as reversals
    left join signatures
        on
            reversals.as_of = signatures.as_of
            and reversals.customer_key = signatures.customer_key
            and reversals.deal_key = signatures.deal_key
            and reversals.parent_key = signatures.transaction_key
    where reversals.direction = -1

),

taken as (

    select
        as_of,
        customer_key,
        deal_key,
        signature_key,
        max(case when is_cancellation then 1 else 0 end) = 1 as is_cancelled,
        -- What has been refunded is part of what is cancelled.
        greatest(
            coalesce(sum(case when is_cancellation then amount end), 0),
            coalesce(sum(case when not is_cancellation then amount end), 0)
        ) as amount,
        max(occurred_at) as occurred_at
    from named
    where signature_key is not null
    group by as_of, customer_key, deal_key, signature_key

),

-- What the reversals that name a signature take beyond its amount goes on to the rest of the deal.
events as (

    select
        signatures.as_of,
        signatures.customer_key,
        signatures.deal_key,
        signatures.transaction_key,
        signatures.occurred_at,
        1 as direction,
        signatures.amount as signed_amount,
        taken.signature_key is not null as is_named,
        coalesce(taken.is_cancelled, false) as is_cancelled,
        case
            when taken.is_cancelled then {{ wide('0') }}
            else greatest(signatures.amount - coalesce(taken.amount, 0), 0)
        end as amount
    from signatures
    left join taken
        on
            signatures.as_of = taken.as_of
            and signatures.customer_key = taken.customer_key
            and signatures.deal_key = taken.deal_key
            and signatures.transaction_key = taken.signature_key
    union all
    select
        as_of,
        customer_key,
        deal_key,
        transaction_key,
        occurred_at,
        -1 as direction,
        {{ wide('null') }} as signed_amount,
        false as is_named,
        false as is_cancelled,
        amount
    from named
    where signature_key is null
    union all
    select
        taken.as_of,
        taken.customer_key,
        taken.deal_key,
        taken.signature_key as transaction_key,
        taken.occurred_at,
        -1 as direction,
        {{ wide('null') }} as signed_amount,
        false as is_named,
        false as is_cancelled,
        taken.amount - signatures.amount as amount
    from taken
    inner join signatures
        on
            taken.as_of = signatures.as_of
            and taken.customer_key = signatures.customer_key
            and taken.deal_key = signatures.deal_key
            and taken.signature_key = signatures.transaction_key
    where taken.amount > signatures.amount

),

balances as (

    select
        *,
        coalesce(
            sum(direction * amount) over ({{ stack }} rows between unbounded preceding and current row), 0
        ) as balance
    from events

),

-- A signature lies in the stack between the balances before and after it; it keeps what no later balance goes below.
kept as (

    select
        *,
        greatest(
            min(balance) over ({{ stack }} rows between current row and unbounded following)
            - greatest(balance - coalesce(amount, 0), 0),
            0
        ) as remaining_amount,
        min(case when direction = -1 then balance end) over (
            {{ stack }} rows between current row and unbounded following
        ) as lowest_reversed_balance
    from balances

),

final as (

    select
        as_of,
        customer_key,
        deal_key,
        transaction_key,
        case
            when is_cancelled then 0
            -- Nothing to compare it with: the deal has two currencies and this one has no rate.
            when signed_amount is null then 1
            -- What is free of charge goes when it is named, or when a later reversal leaves nothing of its deal.
            when signed_amount = 0 then case when is_named or lowest_reversed_balance <= 0 then 0 else 1 end
            else cast(remaining_amount as double) / cast(signed_amount as double)
        end as remaining_share
    from kept
    where direction = 1

)

select * from final
