{{ config(materialized='table') }}

with steps as (

    select * from {{ ref('int_lease_steps__by_as_of') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

named as (

    select distinct
        as_of,
        parent_key
    from steps
    where kind = 'renewal' and parent_key is not null

),

-- What a renewal may take the place of: the step that it names, else an earlier lease, else a rental of its own day.
candidates as (

    select
        renewals.as_of,
        renewals.customer_key,
        renewals.transaction_key as renewal_key,
        renewals.parent_key,
        renewals.deal_key,
        renewals.occurred_on,
        renewals.lease_end,
        earlier.transaction_key,
        abs({{ dbt.datediff('earlier.lease_end', 'renewals.occurred_on', 'day') }}) as days_between,
        case when renewals.deal_key = earlier.deal_key then 1 else 0 end as is_same_deal
    from steps as renewals
    inner join steps as earlier
        on
            renewals.as_of = earlier.as_of
            and renewals.customer_key = earlier.customer_key
            and renewals.transaction_key != earlier.transaction_key
            and renewals.occurred_on >= earlier.occurred_on
            and (renewals.parent_key is null or renewals.parent_key = earlier.transaction_key)
    left join named
        on
            earlier.as_of = named.as_of
            and earlier.transaction_key = named.parent_key
    where
        renewals.kind = 'renewal'
        and earlier.lease_end is not null
        and (renewals.parent_key is not null or named.parent_key is null)
        and (
            renewals.parent_key is not null
            or earlier.kind = 'rental'
            or renewals.occurred_on > earlier.occurred_on
        )

),

-- A renewal without a named step stays within its deal where that has a lease.
preferred as (

    select *
    from candidates
    qualify is_same_deal = max(is_same_deal) over (partition by as_of, renewal_key)

),

chosen as (

    select
        *,
        row_number() over (
            partition by as_of, renewal_key
            order by days_between asc, transaction_key asc
        ) as lease_number,
        first_value(transaction_key) over (
            partition by as_of, renewal_key
            order by days_between asc, transaction_key asc
        ) as nearest_key
    from preferred

),

-- Renewals to which the same lease is the nearest take one lease each: the first of them that one, the next the next.
ranked as (

    select
        *,
        dense_rank() over (
            partition by as_of, nearest_key, parent_key
            order by occurred_on asc, lease_end asc, renewal_key asc
        ) as renewal_number
    from chosen

),

renewed as (

    select distinct
        as_of,
        transaction_key
    from ranked
    where lease_number = case when parent_key is null then renewal_number else 1 end

),

current_leases as (

    select
        steps.as_of,
        steps.customer_key,
        steps.transaction_key,
        {{ dbt.datediff('steps.as_of', 'steps.lease_end', 'day') }} as lease_days_left,
        {{ dbt.datediff('steps.occurred_on', 'steps.lease_end', 'day') }} as lease_term_days,
        cast(steps.amount as double) * cast(fx_rates.rate as double) * 0.0001 as rent_of_term_wan
    from steps
    left join renewed
        on
            steps.as_of = renewed.as_of
            and steps.transaction_key = renewed.transaction_key
    left join fx_rates
        on
            steps.currency = fx_rates.currency
            and steps.occurred_on >= fx_rates.valid_from
            and steps.occurred_on < fx_rates.valid_to
    where steps.lease_end >= steps.as_of and steps.lease_end > steps.occurred_on and renewed.transaction_key is null

),

-- Of several leases the one that ends first: it is the next to be decided on.
next_to_end as (

    select *
    from current_leases
    qualify
        row_number() over (
            partition by as_of, customer_key
            order by lease_days_left asc, transaction_key asc
        ) = 1

),

counted as (

    select
        as_of,
        customer_key,
        count(case when kind = 'renewal' then 1 end) as renewals_total
    from steps
    group by as_of, customer_key

),

final as (

    select
        counted.as_of,
        counted.customer_key,
        counted.renewals_total,
        next_to_end.lease_days_left,
        next_to_end.lease_term_days,
        round(next_to_end.rent_of_term_wan * 30.4375 / next_to_end.lease_term_days, 6) as lease_rent_wan
    from counted
    left join next_to_end
        on
            counted.as_of = next_to_end.as_of
            and counted.customer_key = next_to_end.customer_key

)

select * from final
