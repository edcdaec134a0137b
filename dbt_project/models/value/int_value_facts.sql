-- Facts that happened by as_of and were not reversed, as known at as_of.
with steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

leases as (

    select * from {{ ref('int_lease_steps__by_as_of') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

closings as (

    select
        as_of,
        customer_key,
        deal_key,
        occurred_on
    from steps
    where is_signed or is_reversal

),

-- An opening ends with the next step that signs or reverses its deal; null while it is open.
openings as (

    select
        steps.as_of,
        steps.customer_key,
        steps.transaction_key,
        steps.occurred_on as opened_on,
        min(closings.occurred_on) as closed_on
    from steps
    left join closings
        on
            steps.as_of = closings.as_of
            and steps.customer_key = closings.customer_key
            and steps.deal_key = closings.deal_key
            and steps.occurred_on <= closings.occurred_on
    where steps.is_opening
    group by steps.as_of, steps.customer_key, steps.transaction_key, steps.occurred_on

),

-- Contacts of one day are one fact, because no reader counts them.
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
        as_of,
        customer_key,
        kind as fact,
        occurred_on,
        cast(null as date) as ends_on,
        net_contribution_cny as contribution_cny
    from steps
    where is_standing

)

select * from final
