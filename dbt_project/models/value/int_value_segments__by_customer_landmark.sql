-- Demand group and price tier of each customer, as known at each landmark. Past rates are split by these values,
-- because the demand and budget of today were often entered after the deal that a rate counts.
{{ config(materialized='table') }}

with facts as (

    select * from {{ ref('int_value_facts') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

-- Landmarks of the rates, and the first days of the years of the margins.
ages as (

    select
        as_of,
        age_days
    from {{ ref('int_landmarks') }}
    union distinct
    select
        facts.as_of,
        365 * (
            cast(floor({{ dbt.datediff('facts.occurred_on', 'facts.as_of', 'day') }} / 365.0) as integer) + 1
        ) as age_days
    from facts
    cross join thresholds
    where
        facts.fact in ('sale', 'rental', 'renewal')
        and {{ dbt.datediff('facts.occurred_on', 'facts.as_of', 'day') }} < 365 * thresholds.value_margin_years

),

landmarks as (

    select
        as_of,
        age_days,
        cast({{ dbt.dateadd('day', '1 - age_days', 'as_of') }} as timestamp) as cutoff_at,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_cutoff_at
    from ages

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

versions as (

    select * from {{ ref('int_demand__by_record_version') }}

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

-- The version known at the landmark. A lead that was entered later has its first version, because no older version
-- exists.
known_rows as (

    select
        customer_records.as_of,
        landmarks.age_days,
        customer_records.customer_key,
        customer_records.record_key,
        versions.demand_type,
        versions.currency,
        versions.budget_min,
        versions.budget_max,
        versions.updated_at,
        versions.known_at
    from customer_records
    inner join versions on customer_records.record_key = versions.record_key
    inner join landmarks
        on
            customer_records.as_of = landmarks.as_of
            and versions.created_at < landmarks.cutoff_at
            and versions.known_at < landmarks.as_of_cutoff_at
            and (versions.superseded_at is null or versions.superseded_at >= landmarks.cutoff_at)
    qualify
        row_number() over (
            partition by customer_records.as_of, landmarks.age_days, customer_records.record_key
            order by versions.known_at asc
        ) = 1

),

ordered as (

    select
        known_rows.*,
        row_number() over (
            partition by known_rows.as_of, known_rows.age_days, known_rows.customer_key
            order by known_rows.updated_at asc, known_rows.known_at asc, known_rows.record_key asc
        ) as recency,
        row_number() over (
            partition by known_rows.as_of, known_rows.age_days, known_rows.customer_key
            order by
                case when coalesce(known_rows.budget_min, known_rows.budget_max) is not null then 0 else 1 end asc,
                known_rows.updated_at desc,
                known_rows.known_at desc,
                known_rows.record_key desc
        ) as budget_number
    from known_rows

),

-- For each attribute, the latest value, as in `customers`.
latest_values as (

    select
        as_of,
        age_days,
        customer_key,
        max_by(demand_type, case when demand_type is not null then recency end) as demand_type,
        max(case when budget_number = 1 then budget_max end) as budget_max,
        max(case when budget_number = 1 then currency end) as budget_currency
    from ordered
    group by as_of, age_days, customer_key

),

budgets as (

    select
        latest_values.*,
        {{ money(wide('latest_values.budget_max') ~ ' * fx_rates.rate * 0.0001') }} as budget_max_wan
    from latest_values
    left join fx_rates
        on
            latest_values.budget_currency = fx_rates.currency
            and latest_values.as_of >= fx_rates.valid_from
            and latest_values.as_of < fx_rates.valid_to

),

final as (

    select
        budgets.as_of,
        budgets.age_days,
        budgets.customer_key,
        case
            when budgets.demand_type = 'rent' then 'rental'
            when budgets.demand_type in ('buy', 'invest', 'exchange') then 'sale'
            else 'unknown'
        end as demand_group,
        coalesce(purchasing_power.level, 'unknown') as price_tier
    from budgets
    left join purchasing_power
        on {{ in_band('budgets.budget_max_wan', 'purchasing_power', 'min_budget_wan', 'max_budget_wan') }}

)

select * from final
