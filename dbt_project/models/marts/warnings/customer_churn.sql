with scores as (

    select * from {{ ref('stg_scoring__scores') }}
    where target = 'dormancy'

),

churn as (

    {{ on_published_day('int_churn__by_customer_as_of', "days.churn_status in ('scored', 'not_trained')") }}

),

horizons as (

    {{ grading_horizons('dormancy') }}

),

triggers as (

    select * from {{ ref('customer_triggers') }}

),

causes as (

    select * from {{ ref('causes') }}

),

customers as (

    select * from {{ ref('customers') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

responses as (

    select * from {{ ref('responses') }}

),

actions as (

    select * from {{ ref('actions') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

cases as (

    select * from {{ ref('int_cases__by_as_of') }}
    where status = 'open'

),

-- The grading horizon has a row for every engaged customer, with or without a probability. Other horizons have rows
-- only with a probability.
questions as (

    select
        churn.as_of,
        churn.customer_key,
        horizons.horizon_days
    from churn
    cross join horizons
    union distinct
    select
        churn.as_of,
        churn.customer_key,
        scores.horizon_days
    from churn
    inner join scores
        on
            churn.as_of = scores.as_of
            and churn.customer_key = scores.customer_key

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        questions.as_of,
        ids.customer_id,
        cast(questions.horizon_days as integer) as horizon_days,
        cast(scores.probability as double) as churn_probability,
        levels.level as warning_level,
        levels.label_en as warning_level_en,
        levels.label_zh as warning_level_zh,
        label_ranks.rank as warning_level_rank,
        triggers.triggers,
        triggers.triggers_zh,
        triggers.likely_cause,
        causes.label_en as likely_cause_en,
        causes.label_zh as likely_cause_zh,
        scores.reason_1,
        scores.reason_1_zh,
        cast(scores.contribution_1 as double) as contribution_1,
        scores.reason_2,
        scores.reason_2_zh,
        cast(scores.contribution_2 as double) as contribution_2,
        scores.reason_3,
        scores.reason_3_zh,
        cast(scores.contribution_3 as double) as contribution_3,
        actions.label_en as action,
        actions.label_zh as action_zh,
        customers.agent_id as owner_agent_id,
        -- A case keeps the due date of its opening. Nothing is due for customers in the hold-out arm or with an
        -- opt-out.
        case
            when levels.level is not null and coalesce(cases.arm, '') != 'hold_out' and opt_outs.heeded_on is null
                then coalesce(
                    cases.due_on,
                    cast({{ dbt.dateadd(
                        'day', 'cast(ceil(levels.response_hours / 24.0) as integer)', 'questions.as_of'
                    ) }} as date)
                )
        end as due_on,
        scores.model_version,
        scores.probability_source
    from questions
    inner join churn
        on
            questions.as_of = churn.as_of
            and questions.customer_key = churn.customer_key
    inner join ids on questions.customer_key = ids.customer_key
    inner join customers
        on
            questions.as_of = customers.as_of
            and questions.customer_key = customers.customer_key
    inner join triggers
        on
            questions.as_of = triggers.as_of
            and questions.customer_key = triggers.customer_key
    left join scores
        on
            questions.as_of = scores.as_of
            and questions.customer_key = scores.customer_key
            and questions.horizon_days = scores.horizon_days
    left join causes on triggers.likely_cause = causes.cause
    -- The cuts are made for the grading horizon. A customer has one warning level.
    left join horizons on questions.horizon_days = horizons.horizon_days
    left join levels
        on
            churn.warning_level = levels.level
            and horizons.horizon_days is not null
    left join label_ranks
        on
            label_ranks.label = 'warning_level'
            and levels.level = label_ranks.code
    left join opt_outs
        on
            questions.as_of = opt_outs.as_of
            and questions.customer_key = opt_outs.customer_key
    left join cases
        on
            questions.as_of = cases.as_of
            and questions.customer_key = cases.customer_key
    left join responses
        on
            triggers.likely_cause = responses.cause
            and levels.level is not null
            and responses.level = case when cases.arm = 'hold_out' then 'none' else levels.level end
    left join actions
        on case
            when opt_outs.heeded_on is not null and levels.level is not null then 'no_marketing'
            else responses.action
        end = actions.action

)

select * from final
