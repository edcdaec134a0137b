{%- set attributes = [
    'customer_kind', 'demand_type', 'purpose', 'stated_level', 'stated_kind', 'preferred_layout', 'project', 'agent_id'
] -%}

with customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

records as (

    select * from {{ ref('int_records__by_as_of') }}

),

sources as (

    select * from {{ ref('stg_landing__sources') }}

),

lead_statuses as (

    select * from {{ ref('int_lead_statuses__by_customer_as_of') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

stated_intents as (

    select * from {{ ref('stated_intents') }}

),

with_codes as (

    select
        records.*,
        stated_intents.level as stated_level,
        stated_intents.kind as stated_kind,
        sources.interactions as has_interactions,
        sources.transactions as has_transactions
    from records
    left join sources on records.source = sources.source
    left join stated_intents on records.stated_intent = stated_intents.stated

),

shared_customers as (

    select
        as_of,
        customer_key
    from with_codes
    group by as_of, customer_key
    having count(*) > 1

),

ordered as (

    select
        with_codes.*,
        row_number() over (
            partition by with_codes.as_of, with_codes.customer_key
            order by with_codes.created_at asc, with_codes.record_key asc
        ) as record_number,
        row_number() over (
            partition by with_codes.as_of, with_codes.customer_key
            order by with_codes.updated_at asc, with_codes.known_at asc, with_codes.record_key asc
        ) as recency,
        row_number() over (
            partition by with_codes.as_of, with_codes.customer_key
            order by
                case when coalesce(with_codes.budget_min, with_codes.budget_max) is not null then 0 else 1 end asc,
                with_codes.updated_at desc,
                with_codes.known_at desc,
                with_codes.record_key desc
        ) as budget_number
    from with_codes
    inner join shared_customers
        on
            with_codes.as_of = shared_customers.as_of
            and with_codes.customer_key = shared_customers.customer_key

),

-- For each attribute, the latest value that is not null.
values_of_several as (

    select
        as_of,
        customer_key,
        min(created_at) as first_known_at,
        max(case when record_number = 1 then channel end) as first_channel,
        max(case when record_number = 1 then campaign end) as first_campaign,
        {%- for column in attributes %}
        max_by({{ column }}, case when {{ column }} is not null then recency end) as {{ column }},
        {%- endfor %}
        coalesce(
            max_by(stated_intent, case when stated_level is not null then recency end),
            max_by(stated_intent, case when stated_intent is not null then recency end)
        ) as stated_words,
        -- All budget columns come from one record. `max_by` skips nulls and could combine an amount of one record with
        -- the currency of another.
        max(case when budget_number = 1 then budget_min end) as budget_min,
        max(case when budget_number = 1 then budget_max end) as budget_max,
        max(
            case when budget_number = 1 and coalesce(budget_min, budget_max) is not null then currency end
        ) as budget_currency,
        max(case when is_budget_reversed then 1 else 0 end) = 1 as is_budget_reversed,
        coalesce(max(case when has_interactions then 1 else 0 end), 0) = 1 as is_dormancy_available,
        coalesce(max(case when has_transactions then 1 else 0 end), 0) = 1 as has_deal_source
    from ordered
    group by as_of, customer_key

),

-- Most customers have one record. Splitting them off avoids ordering all records.
latest_values as (

    select
        with_codes.as_of,
        with_codes.customer_key,
        with_codes.created_at as first_known_at,
        with_codes.channel as first_channel,
        with_codes.campaign as first_campaign,
        {%- for column in attributes %}
        with_codes.{{ column }},
        {%- endfor %}
        with_codes.stated_intent as stated_words,
        with_codes.budget_min,
        with_codes.budget_max,
        case
            when coalesce(with_codes.budget_min, with_codes.budget_max) is not null then with_codes.currency
        end as budget_currency,
        coalesce(with_codes.is_budget_reversed, false) as is_budget_reversed,
        coalesce(with_codes.has_interactions, false) as is_dormancy_available,
        coalesce(with_codes.has_transactions, false) as has_deal_source
    from with_codes
    left join shared_customers
        on
            with_codes.as_of = shared_customers.as_of
            and with_codes.customer_key = shared_customers.customer_key
    where shared_customers.customer_key is null
    union all
    select * from values_of_several

),

record_counts as (

    select
        as_of,
        customer_key,
        count(*) as lead_records
    from customer_records
    group by as_of, customer_key

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

final as (

    select
        record_counts.as_of,
        record_counts.customer_key,
        latest_values.customer_kind,
        latest_values.first_channel,
        latest_values.first_campaign,
        latest_values.demand_type,
        latest_values.purpose,
        latest_values.stated_level as stated_intent,
        latest_values.stated_kind as stated_intent_kind,
        latest_values.stated_words,
        lead_statuses.lead_status,
        lead_statuses.lead_status_at,
        latest_values.preferred_layout,
        latest_values.project,
        latest_values.agent_id,
        opt_outs.opted_out_on is not null as is_opted_out,
        opt_outs.opted_out_on,
        latest_values.is_budget_reversed,
        latest_values.is_dormancy_available,
        latest_values.has_deal_source,
        cast(record_counts.lead_records as integer) as lead_records,
        latest_values.budget_currency,
        latest_values.budget_min,
        latest_values.budget_max,
        {{ money(wide('latest_values.budget_max') ~ ' * fx_rates.rate * 0.0001') }} as budget_max_wan,
        latest_values.first_known_at
    from record_counts
    left join latest_values
        on
            record_counts.as_of = latest_values.as_of
            and record_counts.customer_key = latest_values.customer_key
    left join lead_statuses
        on
            record_counts.as_of = lead_statuses.as_of
            and record_counts.customer_key = lead_statuses.customer_key
    left join opt_outs
        on
            record_counts.as_of = opt_outs.as_of
            and record_counts.customer_key = opt_outs.customer_key
    left join fx_rates
        on
            latest_values.budget_currency = fx_rates.currency
            and record_counts.as_of >= fx_rates.valid_from
            and record_counts.as_of < fx_rates.valid_to

)

select * from final
