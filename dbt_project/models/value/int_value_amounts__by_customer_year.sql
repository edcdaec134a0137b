-- Contribution of each customer with a deal, in each of the latest years up to as_of.
with facts as (

    select * from {{ ref('int_value_facts') }}

),

customer_segments as (

    select * from {{ ref('int_value_segments__by_customer_landmark') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

leases as (

    select
        as_of,
        customer_key,
        occurred_on,
        ends_on
    from facts
    where fact = 'lease'

),

deals as (

    select
        facts.as_of,
        facts.customer_key,
        facts.fact,
        facts.occurred_on,
        facts.contribution_cny,
        cast(floor({{ dbt.datediff('facts.occurred_on', 'facts.as_of', 'day') }} / 365.0) as integer) as years_ago,
        cast({{ dbt.dateadd('day', '-thresholds.lease_gap_days', 'facts.occurred_on') }} as date) as kept_from
    from facts
    cross join thresholds
    where
        facts.fact in ('sale', 'rental', 'renewal')
        and {{ dbt.datediff('facts.occurred_on', 'facts.as_of', 'day') }} < 365 * thresholds.value_margin_years

),

-- A customer who signs a new rental during a lease, or soon after it, keeps the lease.
renewals as (

    select distinct
        deals.as_of,
        deals.customer_key,
        deals.occurred_on
    from deals
    inner join leases
        on
            deals.as_of = leases.as_of
            and deals.customer_key = leases.customer_key
            and deals.occurred_on > leases.occurred_on
            and deals.kept_from <= leases.ends_on
    where deals.fact = 'rental'

),

-- If one deal has no exchange rate, the contribution of the year is unknown.
contributions as (

    select
        deals.as_of,
        deals.customer_key,
        deals.years_ago,
        case
            when deals.fact = 'renewal' or (deals.fact = 'rental' and renewals.customer_key is not null) then 'renewal'
            else 'next_deal'
        end as product,
        sum(deals.contribution_cny) as amount
    from deals
    left join renewals
        on
            deals.as_of = renewals.as_of
            and deals.customer_key = renewals.customer_key
            and deals.occurred_on = renewals.occurred_on
    group by
        deals.as_of,
        deals.customer_key,
        deals.years_ago,
        case
            when deals.fact = 'renewal' or (deals.fact = 'rental' and renewals.customer_key is not null) then 'renewal'
            else 'next_deal'
        end
    having count(case when deals.contribution_cny is null then 1 end) = 0

),

-- The segment known when the year began, otherwise the first segment known after.
final as (

    select
        contributions.*,
        customer_segments.demand_group,
        customer_segments.price_tier
    from contributions
    inner join customer_segments
        on
            contributions.as_of = customer_segments.as_of
            and contributions.customer_key = customer_segments.customer_key
            and customer_segments.age_days <= 365 * (contributions.years_ago + 1)
    qualify
        row_number() over (
            partition by contributions.as_of, contributions.customer_key, contributions.years_ago, contributions.product
            order by customer_segments.age_days desc
        ) = 1

)

select * from final
