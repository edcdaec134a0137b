{% set demand_columns = [
    'preferred_district', 'preferred_layout', 'area_min', 'area_max', 'asked_project', 'asked_district', 'asked_layout'
] %}

with records as (

    select * from {{ ref('int_records__by_as_of') }}

),

customers as (

    select * from {{ ref('customers') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

shared_customers as (

    select
        as_of,
        customer_key
    from records
    group by as_of, customer_key
    having count(*) > 1

),

ordered as (

    select
        records.*,
        row_number() over (
            partition by records.as_of, records.customer_key
            order by records.updated_at asc, records.known_at asc, records.record_key asc
        ) as recency
    from records
    inner join shared_customers
        on
            records.as_of = shared_customers.as_of
            and records.customer_key = shared_customers.customer_key

),

-- For each attribute, the latest value that is not null.
values_of_several as (

    select
        as_of,
        customer_key,
        {%- for column in demand_columns %}
        max_by({{ column }}, case when {{ column }} is not null then recency end) as {{ column }},
        {%- endfor %}
        max(known_at) as last_known_at
    from ordered
    group by as_of, customer_key

),

-- Most customers have one record. Splitting them off avoids ordering all records.
latest_values as (

    select
        records.as_of,
        records.customer_key,
        {%- for column in demand_columns %}
        records.{{ column }},
        {%- endfor %}
        records.known_at as last_known_at
    from records
    left join shared_customers
        on
            records.as_of = shared_customers.as_of
            and records.customer_key = shared_customers.customer_key
    where shared_customers.customer_key is null
    union all
    select * from values_of_several

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        customers.demand_type,
        customers.project,
        latest_values.preferred_district as district,
        latest_values.preferred_layout as layout,
        latest_values.asked_project,
        latest_values.asked_district,
        latest_values.asked_layout,
        cast(latest_values.area_min as double) as area_min,
        cast(latest_values.area_max as double) as area_max,
        cast(customers.budget_min as double) as budget_min,
        cast(customers.budget_max as double) as budget_max,
        features.is_open_lead,
        cast(latest_values.last_known_at as date) as last_known_on
    from customers
    left join latest_values
        on
            customers.as_of = latest_values.as_of
            and customers.customer_key = latest_values.customer_key
    left join features
        on
            customers.as_of = features.as_of
            and customers.customer_key = features.customer_key

)

select * from final
