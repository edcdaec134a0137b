with amounts as (

    select * from {{ ref('int_grade_amounts__by_customer_as_of') }}

),

expected_values as (

    select * from {{ ref('int_value__by_customer_as_of') }}

),

scores as (

    select
        as_of,
        customer_key,
        {{ money('sum(amount)') }} as score
    from amounts
    group by as_of, customer_key

),

with_largest_amount as (

    select
        *,
        max(abs(amount)) over (partition by as_of, customer_key) as largest_amount
    from amounts

),

-- An amount of zero is no reason. If all amounts are zero, the next deal is the reason.
ranked as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key
            order by abs(amount) desc, component asc
        ) as reason_number
    from with_largest_amount
    where amount != 0 or (largest_amount = 0 and component = 'next_deal')

),

reasons as (

    select
        as_of,
        customer_key,
        {%- for number in [1, 2, 3] %}
        max(case when reason_number = {{ number }} then reason_en end) as reason_{{ number }},
        max(case when reason_number = {{ number }} then reason_zh end) as reason_{{ number }}_zh,
        {%- endfor %}
        max(case when reason_number = 1 then driver_en end) as driver_en,
        max(case when reason_number = 1 then driver_zh end) as driver_zh,
        count(*) as reasons_found
    from ranked
    group by as_of, customer_key

),

final as (

    select
        scores.as_of,
        scores.customer_key,
        expected_values.value_12m as expected_value_12m,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        reasons.reason_1_zh,
        reasons.reason_2_zh,
        reasons.reason_3_zh,
        reasons.driver_en,
        reasons.driver_zh,
        scores.score
    from scores
    inner join expected_values
        on
            scores.as_of = expected_values.as_of
            and scores.customer_key = expected_values.customer_key
    left join reasons
        on
            scores.as_of = reasons.as_of
            and scores.customer_key = reasons.customer_key

)

select * from final
