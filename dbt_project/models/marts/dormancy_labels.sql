-- The only model that looks past as_of: it reads what is known at the latest as_of of the scope, and nothing later.
with features as (

    select * from {{ ref('customer_features') }}

),

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

latest as (

    select max(as_of) as latest_as_of from dates

),

population as (

    select
        features.as_of,
        features.customer_key,
        thresholds.horizon_days,
        latest.latest_as_of,
        cast(
            {{ dbt.dateadd('day', 'thresholds.horizon_days', 'features.as_of') }} as date
        ) as horizon_ends_on
    from features
    cross join thresholds
    cross join latest
    where features.is_engaged and features.is_dormancy_available

),

-- The same person later on: their record may have been merged into another customer since.
persons as (

    select
        population.as_of,
        population.customer_key,
        population.horizon_ends_on,
        customer_records.customer_key as latest_customer_key
    from population
    inner join customer_records
        on
            population.latest_as_of = customer_records.as_of
            and population.customer_key = customer_records.record_key

),

events as (

    select distinct
        interactions.customer_key,
        interactions.occurred_on
    from interactions
    inner join latest on interactions.as_of = latest.latest_as_of
    where interactions.is_customer_initiated

),

came_back as (

    select distinct
        persons.as_of,
        persons.customer_key
    from persons
    inner join events
        on
            persons.latest_customer_key = events.customer_key
            and persons.as_of < events.occurred_on
            and persons.horizon_ends_on >= events.occurred_on

),

final as (

    select
        population.as_of,
        population.customer_key,
        cast(population.horizon_days as integer) as horizon_days,
        case
            when population.horizon_ends_on <= population.latest_as_of then came_back.customer_key is null
        end as is_dormant,
        population.horizon_ends_on
    from population
    left join came_back
        on
            population.as_of = came_back.as_of
            and population.customer_key = came_back.customer_key

)

select * from final
