-- What each customer with a deal brought in each of the latest years up to as_of; as_of × customer × year × product.
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

-- Who rents anew while a lease runs, or soon after it, keeps it.
kept as (

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

-- Where one deal has no rate, what the year brought is not known.
brought as (

    select
        deals.as_of,
        deals.customer_key,
        deals.years_ago,
        case
            when deals.fact = 'renewal' or (deals.fact = 'rental' and kept.customer_key is not null) then 'renewal'
            else 'next_deal'
        end as product,
        sum(deals.contribution_cny) as amount
    from deals
    left join kept
        on
            deals.as_of = kept.as_of
            and deals.customer_key = kept.customer_key
            and deals.occurred_on = kept.occurred_on
    group by
        deals.as_of,
        deals.customer_key,
        deals.years_ago,
        case
            when deals.fact = 'renewal' or (deals.fact = 'rental' and kept.customer_key is not null) then 'renewal'
            else 'next_deal'
        end
    having count(case when deals.contribution_cny is null then 1 end) = 0

),

-- The segment as known when the year began, else the first one known after.
final as (

    select
        brought.*,
        customer_segments.demand_group,
        customer_segments.price_tier
    from brought
    inner join customer_segments
        on
            brought.as_of = customer_segments.as_of
            and brought.customer_key = customer_segments.customer_key
            and customer_segments.age_days <= 365 * (brought.years_ago + 1)
    qualify
        row_number() over (
            partition by brought.as_of, brought.customer_key, brought.years_ago, brought.product
            order by customer_segments.age_days desc
        ) = 1

)

select * from final
