-- Strategy for each customer on publication_as_of, by grade and situation. A closing lead status has a strategy of its
-- own. Customers who opted out get no marketing strategy.
with grades as (

    {{ on_published_day('grades__by_as_of') }}

),

customers as (

    select * from {{ ref('customers') }}

),

lead_statuses as (

    select * from {{ ref('lead_statuses') }}

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

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

with_situation as (

    select
        grades.as_of,
        grades.customer_key,
        grades.grade,
        case when lifecycle.is_closed then lead_statuses.strategy_en end as closed_en,
        case when lifecycle.is_closed then lead_statuses.strategy_zh end as closed_zh,
        case
            when lifecycle.is_closed then 'closed'
            when opt_outs.heeded_on is not null then 'opted_out'
            -- The strategy of a customer in the hold-out arm is not a win-back strategy either.
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
    inner join customers
        on
            grades.as_of = customers.as_of
            and grades.customer_key = customers.customer_key
    inner join loyalty
        on
            grades.as_of = loyalty.as_of
            and grades.customer_key = loyalty.customer_key
    left join opt_outs
        on
            grades.as_of = opt_outs.as_of
            and grades.customer_key = opt_outs.customer_key
    left join lead_statuses on customers.lead_status = lead_statuses.status
    left join levels on grades.warning_level = levels.level
    left join held_out on grades.customer_key = held_out.customer_key

),

final as (

    select
        with_situation.as_of,
        with_situation.customer_key,
        with_situation.situation,
        coalesce(with_situation.closed_en, strategies.strategy_en) as strategy_en,
        coalesce(with_situation.closed_zh, strategies.strategy_zh) as strategy_zh
    from with_situation
    left join strategies
        on
            with_situation.grade = strategies.grade
            and with_situation.situation = strategies.situation

)

select * from final
