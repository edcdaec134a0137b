-- Share of signed steps that named reversals leave. A reversal takes from the step that it names, otherwise from the
-- latest signature before it, so a renewal does not change earlier months. A cancellation takes all that is left of the
-- named step: sources write 0, a fee or the whole amount in such a row.
{{ config(materialized='table') }}

{# Oldest first. At the same moment, a signature precedes its reversal. #}
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
        cast(null as string) as parent_key,
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

-- Amounts in the same currency are compared without conversion: a full refund at another rate is still a full refund.
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

matched_reversals as (

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

reversed_amounts as (

    select
        as_of,
        customer_key,
        deal_key,
        signature_key,
        max(case when is_cancellation then 1 else 0 end) = 1 as is_cancelled,
        -- A cancelled amount includes the refunds.
        greatest(
            coalesce(sum(case when is_cancellation then amount end), 0),
            coalesce(sum(case when not is_cancellation then amount end), 0)
        ) as amount,
        max(occurred_at) as occurred_at
    from matched_reversals
    where signature_key is not null
    group by as_of, customer_key, deal_key, signature_key

),

-- If reversals exceed the amount of the signature that they name, the rest reduces the other signatures of the deal.
events as (

    select
        signatures.as_of,
        signatures.customer_key,
        signatures.deal_key,
        signatures.transaction_key,
        signatures.occurred_at,
        1 as direction,
        signatures.amount as signed_amount,
        reversed_amounts.signature_key is not null as is_named,
        coalesce(reversed_amounts.is_cancelled, false) as is_cancelled,
        case
            when reversed_amounts.is_cancelled then {{ wide('0') }}
            else greatest(signatures.amount - coalesce(reversed_amounts.amount, 0), 0)
        end as amount
    from signatures
    left join reversed_amounts
        on
            signatures.as_of = reversed_amounts.as_of
            and signatures.customer_key = reversed_amounts.customer_key
            and signatures.deal_key = reversed_amounts.deal_key
            and signatures.transaction_key = reversed_amounts.signature_key
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
    from matched_reversals
    where signature_key is null
    union all
    select
        reversed_amounts.as_of,
        reversed_amounts.customer_key,
        reversed_amounts.deal_key,
        reversed_amounts.signature_key as transaction_key,
        reversed_amounts.occurred_at,
        -1 as direction,
        {{ wide('null') }} as signed_amount,
        false as is_named,
        false as is_cancelled,
        reversed_amounts.amount - signatures.amount as amount
    from reversed_amounts
    inner join signatures
        on
            reversed_amounts.as_of = signatures.as_of
            and reversed_amounts.customer_key = signatures.customer_key
            and reversed_amounts.deal_key = signatures.deal_key
            and reversed_amounts.signature_key = signatures.transaction_key
    where reversed_amounts.amount > signatures.amount

),

balances as (

    select
        *,
        coalesce(
            sum(direction * amount) over ({{ stack }} rows between unbounded preceding and current row), 0
        ) as balance
    from events

),

-- A signature occupies the stack between the balances before and after it. It keeps the part that no later balance goes
-- below.
remaining_amounts as (

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
            -- Not comparable: the deal has two currencies and this step has no rate.
            when signed_amount is null then 1
            -- A signature of amount 0 ends when a reversal names it, or when a later reversal leaves nothing of its
            -- deal.
            when signed_amount = 0 then case when is_named or lowest_reversed_balance <= 0 then 0 else 1 end
            else cast(remaining_amount as double) / cast(signed_amount as double)
        end as remaining_share
    from remaining_amounts
    where direction = 1

)

select * from final
