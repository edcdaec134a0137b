-- How each customer is served on the published day: by grade, and by whether they are loyal or leaving.
with run as (

    select * from {{ source('scope', 'run') }}

),

grades as (

    select grades.*
    from {{ ref('grades__by_as_of') }} as grades
    inner join run on grades.as_of = run.publication_as_of

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

loyalty as (

    select * from {{ ref('int_loyalty__by_customer_as_of') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

strategies as (

    select * from {{ ref('strategies') }}

),

held_out as (

    select * from {{ ref('int_held_out_customers') }}

),

placed as (

    select
        grades.as_of,
        grades.customer_key,
        grades.grade,
        case
            -- Who is held out is not won back by way of the strategy either.
            when held_out.customer_key is not null then 'usual'
            when levels.opens_case or lifecycle.lifecycle_stage in ('dormant', 'lost') then 'leaving'
            when loyalty.loyalty = 'loyal' then 'loyal'
            else 'usual'
        end as situation
    from grades
    inner join lifecycle
        on
            grades.as_of = lifecycle.as_of
            and grades.customer_key = lifecycle.customer_key
    inner join loyalty
        on
            grades.as_of = loyalty.as_of
            and grades.customer_key = loyalty.customer_key
    left join levels on grades.warning_level = levels.level
    left join held_out on grades.customer_key = held_out.customer_key

),

final as (

    select
        placed.as_of,
        placed.customer_key,
        placed.situation,
        strategies.strategy_en,
        strategies.strategy_zh
    from placed
    left join strategies
        on
            placed.grade = strategies.grade
            and placed.situation = strategies.situation

)

select * from final
