-- This is the only core model that reads facts after as_of. It reads what is known at the latest as_of of the run.
with features as (

    select * from {{ ref('customer_features') }}

),

purchase_features as (

    select * from {{ ref('customer_purchase_features') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

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

target_members as (

    {% for target, condition in {
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
    where {{ condition }}
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
        target_members.target,
        target_members.as_of,
        target_members.customer_key,
        horizons.horizon_days,
        -- The decision period of a tenant ends `lease_gap_days` after the end of the lease.
        case
            when target_members.target = 'tenant_loss'
                then target_members.lease_days_left + thresholds.lease_gap_days
            else horizons.horizon_days
        end as decision_days,
        cast({{ dbt.dateadd('day', 'horizons.horizon_days', 'target_members.as_of') }} as date) as label_ends_on
    from target_members
    cross join thresholds
    inner join horizons on target_members.target = horizons.target

),

-- The customer of the same record at the latest as_of: customers can merge after as_of.
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

observed as (

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
            and persons.decision_days >= {{ dbt.datediff('persons.as_of', 'outcomes.occurred_on', 'day') }}

),

final as (

    select
        persons.target,
        persons.as_of,
        persons.customer_key,
        cast(persons.horizon_days as integer) as horizon_days,
        case
            when persons.label_ends_on > persons.latest_as_of then null
            when persons.target in ('dormancy', 'tenant_loss', 'purchase_silence') then observed.customer_key is null
            else observed.customer_key is not null
        end as label,
        persons.label_ends_on
    from persons
    left join observed
        on
            persons.target = observed.target
            and persons.as_of = observed.as_of
            and persons.customer_key = observed.customer_key
            and persons.horizon_days = observed.horizon_days

)

select * from final
