-- The only mart that looks past as_of: it reads what is known at the latest as_of of the scope, and nothing later.
with features as (

    select * from {{ ref('customer_features') }}

),

purchase_features as (

    select * from {{ ref('customer_purchase_features') }}

),

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

),

outcomes as (

    select * from {{ ref('int_outcomes__at_latest_as_of') }}

),

horizons as (

    select * from {{ ref('horizons') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

latest as (

    select max(as_of) as latest_as_of from {{ ref('int_as_of_dates') }}

),

members as (

    {% for target, belongs in {
        'dormancy': 'is_engaged and is_dormancy_available',
        'intent': 'is_open_lead',
        'tenant_loss': 'is_tenant',
        'winback': 'is_winback_candidate',
    }.items() -%}
    select
        '{{ target }}' as target,
        as_of,
        customer_key,
        lease_days_left
    from features
    where {{ belongs }}
    union all
    {% endfor %}
    select
        'purchase_silence' as target,
        as_of,
        customer_key,
        null as lease_days_left
    from purchase_features

),

population as (

    select
        members.target,
        members.as_of,
        members.customer_key,
        horizons.horizon_days,
        -- A tenant decides until some days after the end of the lease.
        case
            when members.target = 'tenant_loss'
                then members.lease_days_left + thresholds.lease_gap_days
            else horizons.horizon_days
        end as decides_within_days,
        cast({{ dbt.dateadd('day', 'horizons.horizon_days', 'members.as_of') }} as date) as label_ends_on
    from members
    cross join thresholds
    inner join horizons on members.target = horizons.target

),

-- The same person later on: their record may have been merged into another customer since.
persons as (

    select
        population.*,
        latest.latest_as_of,
        customer_records.customer_key as latest_customer_key
    from population
    cross join latest
    inner join customer_records
        on
            latest.latest_as_of = customer_records.as_of
            and population.customer_key = customer_records.record_key

),

decided as (

    select distinct
        persons.target,
        persons.as_of,
        persons.customer_key,
        persons.horizon_days
    from persons
    inner join outcomes
        on
            persons.target = outcomes.target
            and persons.latest_customer_key = outcomes.customer_key
            and persons.as_of < outcomes.occurred_on
            and persons.label_ends_on >= outcomes.occurred_on
            and persons.decides_within_days >= {{ dbt.datediff('persons.as_of', 'outcomes.occurred_on', 'day') }}

),

final as (

    select
        persons.target,
        persons.as_of,
        persons.customer_key,
        cast(persons.horizon_days as integer) as horizon_days,
        case
            when persons.label_ends_on > persons.latest_as_of then null
            when persons.target in ('dormancy', 'tenant_loss', 'purchase_silence') then decided.customer_key is null
            else decided.customer_key is not null
        end as label,
        persons.label_ends_on
    from persons
    left join decided
        on
            persons.target = decided.target
            and persons.as_of = decided.as_of
            and persons.customer_key = decided.customer_key
            and persons.horizon_days = decided.horizon_days

)

select * from final
