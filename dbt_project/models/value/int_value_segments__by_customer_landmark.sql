-- Demand group and price tier of each customer as known at each landmark. Rates of the past are split by them: today's
-- demand and budget were often written after the deal that the rate counts.
{{ config(materialized='table') }}

with facts as (

    select * from {{ ref('int_value_facts') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

-- The landmarks of rates, and the days on which the years of margins begin.
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

-- The version known at the landmark. A record that was entered later has its first version: nothing older is known.
known as (

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
        known.*,
        row_number() over (
            partition by known.as_of, known.age_days, known.customer_key
            order by known.updated_at asc, known.known_at asc, known.record_key asc
        ) as recency,
        row_number() over (
            partition by known.as_of, known.age_days, known.customer_key
            order by
                case when coalesce(known.budget_min, known.budget_max) is not null then 0 else 1 end asc,
                known.updated_at desc,
                known.known_at desc,
                known.record_key desc
        ) as budget_number
    from known

),

-- Of each attribute the latest value, as in `customers`.
described as (

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

priced as (

    select
        described.*,
        {{ money(wide('described.budget_max') ~ ' * fx_rates.rate * 0.0001') }} as budget_max_wan
    from described
    left join fx_rates
        on
            described.budget_currency = fx_rates.currency
            and described.as_of >= fx_rates.valid_from
            and described.as_of < fx_rates.valid_to

),

final as (

    select
        priced.as_of,
        priced.age_days,
        priced.customer_key,
        case
            when priced.demand_type = 'rent' then 'rental'
            when priced.demand_type in ('buy', 'invest', 'exchange') then 'sale'
            else 'unknown'
        end as demand_group,
        coalesce(purchasing_power.level, 'unknown') as price_tier
    from priced
    left join purchasing_power
        on {{ in_band('priced.budget_max_wan', 'purchasing_power', 'min_budget_wan', 'max_budget_wan') }}

)

select * from final
