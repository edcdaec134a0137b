-- Facts behind the labels of a customer.
{{ config(materialized='table') }}

with customers as (

    select * from {{ ref('customers') }}

),

records as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key
            order by updated_at asc, known_at asc, record_key asc
        ) as recency
    from {{ ref('int_records__by_as_of') }}

),

steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

cancelled_deals as (

    select
        as_of,
        customer_key,
        deal_key
    from {{ ref('deals') }}
    where state = 'cancelled'

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

transactions as (

    select * from {{ ref('int_transactions__by_as_of') }}

),

payment_plans as (

    select * from {{ ref('payment_plans') }}

),

-- For each attribute, the latest value that is not null.
latest_values as (

    select
        as_of,
        customer_key,
        {%- for column in ['occupation', 'industry'] %}
        max_by({{ column }}, case when {{ column }} is not null then recency end) as {{ column }},
        {%- endfor %}
        max_by(income_band, case when income_band is not null then recency end) as income_band
    from records
    group by as_of, customer_key

),

openings as (

    select
        as_of,
        customer_key,
        deal_key,
        min(case when is_opening then occurred_on end) as subscribed_on,
        min(case when is_signed then occurred_on end) as subscription_signed_on,
        min(case when is_reversal then occurred_on end) as subscription_reversed_on
    from steps
    group by as_of, customer_key, deal_key
    having count(case when is_opening then 1 end) > 0

),

latest_openings as (

    select
        openings.*,
        cancelled_deals.deal_key is not null as is_cancelled
    from openings
    left join cancelled_deals
        on
            openings.as_of = cancelled_deals.as_of
            and openings.customer_key = cancelled_deals.customer_key
            and openings.deal_key = cancelled_deals.deal_key
    qualify
        row_number() over (
            partition by openings.as_of, openings.customer_key
            order by openings.subscribed_on desc, openings.deal_key desc
        ) = 1

),

-- Amount and currency come from the same step: the latest subscription or deposit of the deal.
last_opening_steps as (

    select
        as_of,
        customer_key,
        deal_key,
        amount,
        currency
    from steps
    where is_opening
    qualify
        row_number() over (
            partition by as_of, customer_key, deal_key
            order by occurred_on desc, transaction_key desc
        ) = 1

),

-- Only a sale that is not cancelled has a price that shows purchasing power.
priced_steps as (

    select
        steps.as_of,
        steps.customer_key,
        case when steps.is_reversal then steps.occurred_on end as reversed_on,
        case
            when steps.kind = 'sale' and steps.is_standing
                then {{ rounded('cast(steps.amount as double) * cast(fx_rates.rate as double) * 0.0001', 4) }}
        end as sale_wan,
        payment_plans.payment_plan,
        coalesce(cast(payment_plans.means_factor as double), 1) as means_factor
    from steps
    inner join transactions
        on
            steps.as_of = transactions.as_of
            and steps.transaction_key = transactions.transaction_key
    left join payment_plans on transactions.payment_plan = payment_plans.payment_plan
    left join fx_rates
        on
            steps.currency = fx_rates.currency
            and steps.occurred_on >= fx_rates.valid_from
            and steps.occurred_on < fx_rates.valid_to

),

purchases as (

    select
        as_of,
        customer_key,
        max(reversed_on) as last_reversed_on,
        max(sale_wan) as largest_sale_wan,
        {{ rounded('max(sale_wan * means_factor)', 4) }} as largest_means_wan
    from priced_steps
    group by as_of, customer_key

),

-- With several purchases, take the payment plan of the largest weighted price; with equal prices, the first plan by
-- name.
plans as (

    select
        priced_steps.as_of,
        priced_steps.customer_key,
        min(priced_steps.payment_plan) as payment_plan
    from priced_steps
    inner join purchases
        on
            priced_steps.as_of = purchases.as_of
            and priced_steps.customer_key = purchases.customer_key
            and {{ rounded('priced_steps.sale_wan * priced_steps.means_factor', 4) }} = purchases.largest_means_wan
    group by priced_steps.as_of, priced_steps.customer_key

),

contact_counts as (

    select
        as_of,
        customer_key,
        count(case when is_agent_contact then 1 end) as agent_contacts_total,
        max(case when {{ is_viewing('kind') }} then occurred_on end) as last_viewed_on,
        count(case when complaint_category = 'price' then 1 end) as price_complaints
    from interactions
    group by as_of, customer_key

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        latest_values.occupation,
        latest_values.industry,
        latest_values.income_band,
        latest_openings.subscribed_on,
        {{ money('last_opening_steps.amount') }} as subscription_amount,
        last_opening_steps.currency as subscription_currency,
        latest_openings.subscription_signed_on,
        latest_openings.subscription_reversed_on,
        coalesce(latest_openings.is_cancelled, false) as is_subscription_cancelled,
        purchases.last_reversed_on,
        contact_counts.last_viewed_on,
        purchases.largest_sale_wan,
        purchases.largest_means_wan,
        plans.payment_plan,
        coalesce(contact_counts.agent_contacts_total, 0) as agent_contacts_total,
        coalesce(contact_counts.price_complaints, 0) as price_complaints
    from customers
    left join latest_values
        on
            customers.as_of = latest_values.as_of
            and customers.customer_key = latest_values.customer_key
    left join latest_openings
        on
            customers.as_of = latest_openings.as_of
            and customers.customer_key = latest_openings.customer_key
    left join last_opening_steps
        on
            latest_openings.as_of = last_opening_steps.as_of
            and latest_openings.customer_key = last_opening_steps.customer_key
            and latest_openings.deal_key = last_opening_steps.deal_key
    left join purchases
        on
            customers.as_of = purchases.as_of
            and customers.customer_key = purchases.customer_key
    left join plans
        on
            customers.as_of = plans.as_of
            and customers.customer_key = plans.customer_key
    left join contact_counts
        on
            customers.as_of = contact_counts.as_of
            and customers.customer_key = contact_counts.customer_key

)

select * from final
