{{ config(materialized='table') }}

with steps as (

    select * from {{ ref('int_lease_steps__by_as_of') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

named_leases as (

    select distinct
        as_of,
        parent_key
    from steps
    where kind = 'renewal' and parent_key is not null

),

-- Leases that a renewal may continue: the step that it names; otherwise an earlier lease or a rental of the same day.
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
    left join named_leases
        on
            earlier.as_of = named_leases.as_of
            and earlier.transaction_key = named_leases.parent_key
    where
        renewals.kind = 'renewal'
        and earlier.lease_end is not null
        and (renewals.parent_key is not null or named_leases.parent_key is null)
        and (
            renewals.parent_key is not null
            or earlier.kind = 'rental'
            or renewals.occurred_on > earlier.occurred_on
        )

),

-- A renewal without a named step stays within its deal if the deal has a lease.
same_deal_candidates as (

    select *
    from candidates
    qualify is_same_deal = max(is_same_deal) over (partition by as_of, renewal_key)

),

numbered_candidates as (

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
    from same_deal_candidates

),

-- Several renewals may have the same nearest lease. Each renewal takes a different lease: the first the nearest, the
-- second the second nearest.
numbered_renewals as (

    select
        *,
        dense_rank() over (
            partition by as_of, nearest_key, parent_key
            order by occurred_on asc, lease_end asc, renewal_key asc
        ) as renewal_number
    from numbered_candidates

),

renewed as (

    select distinct
        as_of,
        transaction_key
    from numbered_renewals
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

-- With several leases, take the lease that ends first: it is decided next.
next_to_end as (

    select *
    from current_leases
    qualify
        row_number() over (
            partition by as_of, customer_key
            order by lease_days_left asc, transaction_key asc
        ) = 1

),

renewal_counts as (

    select
        as_of,
        customer_key,
        count(case when kind = 'renewal' then 1 end) as renewals_total
    from steps
    group by as_of, customer_key

),

final as (

    select
        renewal_counts.as_of,
        renewal_counts.customer_key,
        renewal_counts.renewals_total,
        next_to_end.lease_days_left,
        next_to_end.lease_term_days,
        {{ rounded('next_to_end.rent_of_term_wan * 30.4375 / next_to_end.lease_term_days', 6) }} as lease_rent_wan
    from renewal_counts
    left join next_to_end
        on
            renewal_counts.as_of = next_to_end.as_of
            and renewal_counts.customer_key = next_to_end.customer_key

)

select * from final
