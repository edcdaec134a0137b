-- Fails with customers whose grade score is not the exact sum of their amounts, or whose products do not add up to
-- their expected value.
with amounts as (

    select
        as_of,
        customer_key,
        sum(amount) as amount_sum,
        sum(case when probability_source != 'rule' then amount end) as product_sum
    from {{ ref('int_grade_amounts__by_customer_as_of') }}
    group by as_of, customer_key

)

select
    grades.as_of,
    grades.customer_key,
    grades.score,
    amounts.amount_sum,
    amounts.product_sum
from {{ ref('grades__by_as_of') }} as grades
left join amounts
    on
        grades.as_of = amounts.as_of
        and grades.customer_key = amounts.customer_key
where
    amounts.amount_sum is null
    or amounts.amount_sum != grades.score
    or amounts.product_sum != grades.expected_value_12m
