-- What happened and still stands, as known at as_of; one row each.
with steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

deals as (

    select * from {{ ref('deals') }}

),

leases as (

    select * from {{ ref('int_lease_steps__by_as_of') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

-- An opening stands until its deal is signed or reversed; null where it still does.
openings as (

    select
        as_of,
        customer_key,
        deal_key,
        min(case when is_opening then occurred_on end) as opened_on,
        min(case when is_signed or is_reversal then occurred_on end) as closed_on
    from steps
    group by as_of, customer_key, deal_key

),

-- Contacts of one day are one fact: nothing below counts them.
own_days as (

    select distinct
        as_of,
        customer_key,
        occurred_on
    from interactions
    where is_customer_initiated

),

referral_days as (

    select distinct
        as_of,
        customer_key,
        occurred_on
    from interactions
    where kind = 'referral'

),

final as (

    select
        as_of,
        customer_key,
        'contact' as fact,
        occurred_on,
        cast(null as date) as ends_on,
        cast(null as decimal(18, 4)) as contribution_cny
    from own_days
    union all
    select
        as_of,
        customer_key,
        'referral' as fact,
        occurred_on,
        cast(null as date) as ends_on,
        cast(null as decimal(18, 4)) as contribution_cny
    from referral_days
    union all
    select
        as_of,
        customer_key,
        'opening' as fact,
        opened_on as occurred_on,
        closed_on as ends_on,
        cast(null as decimal(18, 4)) as contribution_cny
    from openings
    where opened_on is not null
    union all
    select
        as_of,
        customer_key,
        'lease' as fact,
        occurred_on,
        lease_end as ends_on,
        cast(null as decimal(18, 4)) as contribution_cny
    from leases
    where lease_end > occurred_on
    union all
    select
        steps.as_of,
        steps.customer_key,
        steps.kind as fact,
        steps.occurred_on,
        cast(null as date) as ends_on,
        steps.contribution_cny
    from steps
    inner join deals
        on
            steps.as_of = deals.as_of
            and steps.customer_key = deals.customer_key
            and steps.deal_key = deals.deal_key
    where steps.is_signed and not steps.is_netted and deals.state = 'signed'

)

select * from final
