{{ config(materialized='table') }}

-- Grade scores on the last graded day of each month, for the customers of publication_as_of.
with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

months as (

    select * from {{ ref('int_kpi_months') }}

),

history as (

    select * from {{ ref('int_grade_history__by_customer') }}

),

last_days as (

    select
        months.month_start,
        max(history.graded_as_of) as graded_as_of
    from history
    inner join months on cast({{ dbt.date_trunc('month', 'history.graded_as_of') }} as date) = months.month_start
    group by months.month_start

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        customers.agent,
        last_days.month_start as counted_on,
        1 as graded_customers,
        {{ money('history.score') }} as expected_value_cny
    from history
    inner join last_days on history.graded_as_of = last_days.graded_as_of
    inner join customers on history.customer_key = customers.customer_key

)

select * from final
