-- What the labels of a customer rest on; customer × as_of.
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
described as (

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

-- Amount and currency are those of one step: the latest subscription or deposit of a deal.
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

-- Only a sale that stands has a price that tells of means.
priced as (

    select
        steps.as_of,
        steps.customer_key,
        case when steps.is_reversal then steps.occurred_on end as reversed_on,
        case
            when steps.kind = 'sale' and steps.is_standing
                then round(cast(steps.amount as double) * cast(fx_rates.rate as double) * 0.0001, 4)
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

stepped as (

    select
        as_of,
        customer_key,
        max(reversed_on) as last_reversed_on,
        max(sale_wan) as largest_sale_wan,
        round(max(sale_wan * means_factor), 4) as largest_means_wan
    from priced
    group by as_of, customer_key

),

-- Of several purchases the plan of the one that tells of most; of equal ones the first plan by name.
planned as (

    select
        priced.as_of,
        priced.customer_key,
        min(priced.payment_plan) as payment_plan
    from priced
    inner join stepped
        on
            priced.as_of = stepped.as_of
            and priced.customer_key = stepped.customer_key
            and round(priced.sale_wan * priced.means_factor, 4) = stepped.largest_means_wan
    group by priced.as_of, priced.customer_key

),

contacted as (

    select
        as_of,
        customer_key,
        count(case when is_agent_contact then 1 end) as agent_contacts_total,
        max(case when kind in ('viewing', 'online_viewing') then occurred_on end) as last_viewed_on,
        count(case when complaint_category = 'price' then 1 end) as price_complaints
    from interactions
    group by as_of, customer_key

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        described.occupation,
        described.industry,
        described.income_band,
        latest_openings.subscribed_on,
        {{ money('last_opening_steps.amount') }} as subscription_amount,
        last_opening_steps.currency as subscription_currency,
        latest_openings.subscription_signed_on,
        latest_openings.subscription_reversed_on,
        coalesce(latest_openings.is_cancelled, false) as is_subscription_cancelled,
        stepped.last_reversed_on,
        contacted.last_viewed_on,
        stepped.largest_sale_wan,
        stepped.largest_means_wan,
        planned.payment_plan,
        coalesce(contacted.agent_contacts_total, 0) as agent_contacts_total,
        coalesce(contacted.price_complaints, 0) as price_complaints
    from customers
    left join described
        on
            customers.as_of = described.as_of
            and customers.customer_key = described.customer_key
    left join latest_openings
        on
            customers.as_of = latest_openings.as_of
            and customers.customer_key = latest_openings.customer_key
    left join last_opening_steps
        on
            latest_openings.as_of = last_opening_steps.as_of
            and latest_openings.customer_key = last_opening_steps.customer_key
            and latest_openings.deal_key = last_opening_steps.deal_key
    left join stepped
        on
            customers.as_of = stepped.as_of
            and customers.customer_key = stepped.customer_key
    left join planned
        on
            customers.as_of = planned.as_of
            and customers.customer_key = planned.customer_key
    left join contacted
        on
            customers.as_of = contacted.as_of
            and customers.customer_key = contacted.customer_key

)

select * from final
