-- State of each customer at each landmark, and the events of the following year, as known at as_of.
{{ config(materialized='table') }}

with landmarks as (

    select * from {{ ref('int_landmarks') }}

),

customers as (

    select * from {{ ref('customers') }}

),

facts as (

    select * from {{ ref('int_value_facts') }}

),

segments as (

    select * from {{ ref('int_value_segments__by_customer_landmark') }}

),

lead_statuses as (

    select * from {{ ref('lead_statuses') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

population as (

    select
        landmarks.as_of,
        landmarks.age_days,
        landmarks.landmark_on,
        landmarks.quarter_ends_on,
        landmarks.year_ends_on,
        customers.customer_key,
        customers.is_dormancy_available,
        -- The lead status of today was not yet set at an earlier landmark.
        case
            when landmarks.age_days = 0 and lead_statuses.is_closed then 'status_' || lead_statuses.status
        end as closing_state,
        coalesce(segments.demand_group, 'unknown') as demand_group,
        coalesce(segments.price_tier, 'unknown') as price_tier,
        cast(customers.first_known_at as date) as first_known_on
    from customers
    inner join landmarks
        on
            customers.as_of = landmarks.as_of
            and (
                landmarks.age_days = 0
                -- Without a source of deals, the absence of a deal is not observable.
                or (customers.has_deal_source and landmarks.landmark_on >= cast(customers.first_known_at as date))
            )
    left join lead_statuses on customers.lead_status = lead_statuses.status
    left join segments
        on
            landmarks.as_of = segments.as_of
            and landmarks.age_days = segments.age_days
            and customers.customer_key = segments.customer_key

),

dated_facts as (

    select
        population.as_of,
        population.age_days,
        population.customer_key,
        facts.fact,
        facts.occurred_on,
        facts.contribution_cny,
        facts.ends_on,
        facts.fact in ('sale', 'rental', 'renewal') as is_deal,
        facts.occurred_on > population.landmark_on as is_later,
        facts.occurred_on <= population.quarter_ends_on as is_in_quarter,
        facts.ends_on is null or facts.ends_on > population.landmark_on as is_running
    from population
    inner join facts
        on
            population.as_of = facts.as_of
            and population.customer_key = facts.customer_key
            and population.year_ends_on >= facts.occurred_on

),

fact_counts as (

    select
        as_of,
        age_days,
        customer_key,
        max(case when fact = 'contact' and not is_later then occurred_on end) as last_contact_on,
        max(case when fact = 'lease' and not is_later then ends_on end) as lease_ends_on,
        max(case when fact = 'opening' and not is_later and is_running then 1 else 0 end) as open_subscriptions,
        count(case when is_deal and not is_later then 1 end) as deals_before,
        max(case when is_deal and not is_later then occurred_on end) as last_deal_on,
        max(case when fact = 'referral' and is_later then 1 else 0 end) as has_referred,
        max(
            case when (fact = 'opening' or is_deal) and is_later and is_in_quarter then 1 else 0 end
        ) as has_decided_in_quarter,
        count(case when fact = 'sale' and is_later then 1 end) as sales,
        count(case when fact in ('rental', 'renewal') and is_later then 1 end) as lettings,
        -- Null if a deal has no exchange rate: its contribution is unknown.
        case
            when count(case when fact = 'sale' and is_later and contribution_cny is null then 1 end) = 0
                then {{ money("coalesce(sum(case when fact = 'sale' and is_later then contribution_cny end), 0)") }}
        end as sale_cny,
        case
            when
                count(
                    case when fact in ('rental', 'renewal') and is_later and contribution_cny is null then 1 end
                ) = 0
                then
                    {{ money(
                        "coalesce(
                            sum(case when fact in ('rental', 'renewal') and is_later then contribution_cny end), 0
                        )"
                    ) }}
        end as letting_cny
    from dated_facts
    group by as_of, age_days, customer_key

),

with_counts as (

    select
        population.*,
        fact_counts.last_deal_on,
        fact_counts.lease_ends_on,
        coalesce(fact_counts.deals_before, 0) as deals_before,
        coalesce(fact_counts.open_subscriptions, 0) as open_subscriptions,
        {{ dbt.datediff(
            'coalesce(fact_counts.last_contact_on, population.first_known_on)', 'population.landmark_on', 'day'
        ) }} as quiet_days,
        {{ dbt.datediff('fact_counts.last_deal_on', 'population.landmark_on', 'day') }} as days_since_deal,
        coalesce(fact_counts.has_referred, 0) as has_referred,
        coalesce(fact_counts.has_decided_in_quarter, 0) as has_decided_in_quarter,
        coalesce(fact_counts.sales, 0) as sales,
        coalesce(fact_counts.lettings, 0) as lettings,
        case when fact_counts.customer_key is null then 0 else fact_counts.sale_cny end as sale_cny,
        case when fact_counts.customer_key is null then 0 else fact_counts.letting_cny end as letting_cny
    from population
    left join fact_counts
        on
            population.as_of = fact_counts.as_of
            and population.age_days = fact_counts.age_days
            and population.customer_key = fact_counts.customer_key

),

with_state as (

    select
        with_counts.*,
        case
            when with_counts.deals_before > 1 and with_counts.days_since_deal < 365 then 'buyer_repeat_recent'
            when with_counts.deals_before > 1 then 'buyer_repeat_past'
            when with_counts.deals_before = 1 and with_counts.days_since_deal < 365 then 'buyer_once_recent'
            when with_counts.deals_before = 1 then 'buyer_once_past'
            when with_counts.open_subscriptions > 0 then 'subscribed'
            when with_counts.closing_state is not null then with_counts.closing_state
            -- Without a source of interactions, silence is not observable.
            when not coalesce(with_counts.is_dormancy_available, false) then 'lead_unobserved'
            when with_counts.quiet_days >= thresholds.lost_after_days then 'lead_lost'
            when with_counts.quiet_days >= thresholds.dormant_after_days then 'lead_dormant'
            when with_counts.quiet_days >= thresholds.active_within_days then 'lead_quarter'
            when with_counts.quiet_days >= 7 then 'lead_month'
            else 'lead_week'
        end as state,
        case
            when with_counts.lease_ends_on >= with_counts.year_ends_on then 'tenant_later'
            when with_counts.lease_ends_on >= with_counts.landmark_on then 'tenant_due'
        end as lease_state
    from with_counts
    cross join thresholds

),

final as (

    select
        as_of,
        cast(age_days as integer) as age_days,
        customer_key,
        state,
        lease_state,
        demand_group,
        price_tier,
        cast(quiet_days as integer) as quiet_days,
        cast(days_since_deal as integer) as days_since_deal,
        cast({{ dbt.datediff('landmark_on', 'lease_ends_on', 'day') }} as integer) as lease_days_left,
        deals_before,
        has_decided_in_quarter,
        has_referred,
        -- A new rental of a tenant keeps the lease. For other customers, each deal is the next deal.
        case when sales > 0 or (lease_state is null and lettings > 0) then 1 else 0 end as has_next_deal,
        {{ money('sale_cny + case when lease_state is null then letting_cny else 0 end') }} as next_deal_cny,
        case when lease_state is not null and lettings > 0 then 1 else 0 end as has_renewal,
        {{ money('case when lease_state is not null then letting_cny else 0 end') }} as renewal_cny
    from with_state

)

select * from final
