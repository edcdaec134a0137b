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

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

-- Of each attribute the latest value that is known.
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
        max(case when is_opening then amount end) as subscription_amount,
        max(currency) as subscription_currency,
        min(case when is_signed then occurred_on end) as subscription_signed_on,
        min(case when is_reversal then occurred_on end) as subscription_reversed_on
    from steps
    group by as_of, customer_key, deal_key
    having count(case when is_opening then 1 end) > 0

),

latest_openings as (

    select * from openings
    qualify
        row_number() over (
            partition by as_of, customer_key
            order by subscribed_on desc, deal_key desc
        ) = 1

),

stepped as (

    select
        steps.as_of,
        steps.customer_key,
        max(case when steps.is_reversal then steps.occurred_on end) as last_reversed_on,
        max(
            case
                when steps.kind = 'sale' and not steps.is_netted
                    then round(cast(steps.amount as double) * cast(fx_rates.rate as double) * 0.0001, 4)
            end
        ) as largest_sale_wan
    from steps
    left join fx_rates
        on
            steps.currency = fx_rates.currency
            and steps.occurred_on >= fx_rates.valid_from
            and steps.occurred_on < fx_rates.valid_to
    group by steps.as_of, steps.customer_key

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
        {{ money('latest_openings.subscription_amount') }} as subscription_amount,
        latest_openings.subscription_currency,
        latest_openings.subscription_signed_on,
        latest_openings.subscription_reversed_on,
        stepped.last_reversed_on,
        contacted.last_viewed_on,
        stepped.largest_sale_wan,
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
    left join stepped
        on
            customers.as_of = stepped.as_of
            and customers.customer_key = stepped.customer_key
    left join contacted
        on
            customers.as_of = contacted.as_of
            and customers.customer_key = contacted.customer_key

)

select * from final
