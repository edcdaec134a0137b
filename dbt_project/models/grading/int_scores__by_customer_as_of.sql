with amounts as (

    select * from {{ ref('int_grade_amounts__by_customer_as_of') }}

),

valued as (

    select * from {{ ref('int_value__by_customer_as_of') }}

),

summed as (

    select
        as_of,
        customer_key,
        {{ money('sum(amount)') }} as score
    from amounts
    group by as_of, customer_key

),

weighed as (

    select
        *,
        max(abs(amount)) over (partition by as_of, customer_key) as largest_amount
    from amounts

),

-- What counted nothing is nobody's reason. Where all of it counted nothing, the next deal says why.
ranked as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key
            order by abs(amount) desc, component asc
        ) as reason_number
    from weighed
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
        count(*) as reasons_found
    from ranked
    group by as_of, customer_key

),

final as (

    select
        summed.as_of,
        summed.customer_key,
        valued.value_12m as expected_value_12m,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        reasons.reason_1_zh,
        reasons.reason_2_zh,
        reasons.reason_3_zh,
        summed.score
    from summed
    inner join valued
        on
            summed.as_of = valued.as_of
            and summed.customer_key = valued.customer_key
    left join reasons
        on
            summed.as_of = reasons.as_of
            and summed.customer_key = reasons.customer_key

)

select * from final
