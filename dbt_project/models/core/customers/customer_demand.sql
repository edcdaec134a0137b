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

ordered as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key
            order by updated_at asc, known_at asc, record_key asc
        ) as recency
    from records

),

-- For each attribute, the latest value that is not null.
latest_values as (

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
