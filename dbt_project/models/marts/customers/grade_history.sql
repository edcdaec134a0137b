with history as (

    select * from {{ ref('int_grade_history__by_customer') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

final as (

    select
        history.as_of,
        ids.customer_id,
        history.graded_as_of,
        history.grade,
        {{ money('history.score') }} as score,
        history.rule_version,
        history.model_version
    from history
    inner join ids on history.customer_key = ids.customer_key

)

select * from final
