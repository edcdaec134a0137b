with run as (

    select * from {{ source('scope', 'run') }}

),

scores as (

    select * from {{ source('scoring', 'churn_scores') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

customers as (

    select * from {{ ref('customers') }}

),

ids as (

    select * from {{ source('identity', 'customers') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

final as (

    select
        scores.as_of,
        ids.customer_id,
        cast(scores.horizon_days as integer) as horizon_days,
        cast(scores.churn_probability as double) as churn_probability,
        levels.level as warning_level,
        levels.label_en as warning_level_en,
        levels.label_zh as warning_level_zh,
        cast(null as varchar) as triggers,
        cast(null as varchar) as likely_cause,
        scores.reason_1,
        cast(scores.contribution_1 as double) as contribution_1,
        scores.reason_2,
        cast(scores.contribution_2 as double) as contribution_2,
        scores.reason_3,
        cast(scores.contribution_3 as double) as contribution_3,
        levels.action_en as action,
        levels.action_zh,
        customers.agent_id as owner_agent_id,
        cast(
            {{ dbt.dateadd('day', 'cast(ceil(levels.response_hours / 24.0) as integer)', 'scores.as_of') }} as date
        ) as due_on,
        scores.model_version
    from scores
    inner join run on scores.as_of = run.publication_as_of
    inner join ids on scores.customer_key = ids.customer_key
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key
    inner join customers
        on
            scores.as_of = customers.as_of
            and scores.customer_key = customers.customer_key
    left join levels
        on {{ in_band('round(scores.churn_probability, 6)', 'levels', 'min_probability', 'max_probability') }}
    where features.is_engaged and features.is_dormancy_available

)

select * from final
