with grades as (

    {{ on_published_day('grades__by_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

abc as (

    select * from {{ ref('customer_abc') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

stages as (

    select * from {{ ref('lifecycle_stages') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

horizons as (

    {{ grading_horizons('intent') }}

),

intent as (

    select lead_intent.*
    from {{ ref('lead_intent') }} as lead_intent
    inner join horizons on lead_intent.horizon_days = horizons.horizon_days

),

loyalty as (

    select * from {{ ref('int_loyalty__by_customer_as_of') }}

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

strategies as (

    select * from {{ ref('int_strategies__by_customer') }}

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        grades.as_of,
        ids.customer_id,
        grades.grade,
        grades.grade_previous,
        grades.grade_changed_on,
        grades.score,
        abc.value_class,
        rfm.rfm_segment,
        segments.label_en as rfm_segment_en,
        segments.label_zh as rfm_segment_zh,
        lifecycle.lifecycle_stage,
        stages.label_en as lifecycle_stage_en,
        stages.label_zh as lifecycle_stage_zh,
        lifecycle_ranks.rank as lifecycle_stage_rank,
        loyalty.loyalty,
        loyalty_ranks.rank as loyalty_rank,
        intent.intent,
        intent.intent_en,
        intent.intent_zh,
        intent.intent_rank,
        purchasing_power.level as purchasing_power,
        purchasing_power.label_en as purchasing_power_en,
        purchasing_power.label_zh as purchasing_power_zh,
        power_ranks.rank as purchasing_power_rank,
        grades.churn_status,
        grades.churn_probability,
        grades.warning_level,
        levels.label_en as warning_level_en,
        levels.label_zh as warning_level_zh,
        warning_ranks.rank as warning_level_rank,
        grades.expected_value_12m,
        grades.reason_1,
        grades.reason_2,
        grades.reason_3,
        grades.reason_1_zh,
        grades.reason_2_zh,
        grades.reason_3_zh,
        strategies.strategy_en as strategy,
        strategies.strategy_zh,
        opt_outs.heeded_on is not null as is_opted_out,
        opt_outs.heeded_on as opted_out_on,
        grades.rule_version,
        grades.model_version
    from grades
    inner join ids on grades.customer_key = ids.customer_key
    inner join abc
        on
            grades.as_of = abc.as_of
            and grades.customer_key = abc.customer_key
    inner join lifecycle
        on
            grades.as_of = lifecycle.as_of
            and grades.customer_key = lifecycle.customer_key
    inner join strategies on grades.customer_key = strategies.customer_key
    inner join loyalty
        on
            grades.as_of = loyalty.as_of
            and grades.customer_key = loyalty.customer_key
    left join opt_outs
        on
            grades.as_of = opt_outs.as_of
            and grades.customer_key = opt_outs.customer_key
    left join stages on lifecycle.lifecycle_stage = stages.stage
    left join rfm
        on
            grades.as_of = rfm.as_of
            and grades.customer_key = rfm.customer_key
    left join segments on rfm.rfm_segment = segments.segment
    left join intent on ids.customer_id = intent.customer_id
    left join levels on grades.warning_level = levels.level
    left join purchasing_power on loyalty.purchasing_power = purchasing_power.level
    left join label_ranks as lifecycle_ranks
        on
            lifecycle_ranks.label = 'lifecycle'
            and lifecycle.lifecycle_stage = lifecycle_ranks.code
    left join label_ranks as loyalty_ranks
        on
            loyalty_ranks.label = 'loyalty'
            and loyalty.loyalty = loyalty_ranks.code
    left join label_ranks as power_ranks
        on
            power_ranks.label = 'purchasing_power'
            and purchasing_power.level = power_ranks.code
    left join label_ranks as warning_ranks
        on
            warning_ranks.label = 'warning_level'
            and grades.warning_level = warning_ranks.code

)

select * from final
