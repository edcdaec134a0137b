with run as (

    select * from {{ ref('stg_scope__run') }}

),

checks as (

    select * from {{ ref('int_quality_checks') }}

),

rules as (

    select * from {{ ref('quality_rules') }}

),

-- A rule of the raw contract without a limit of its own uses the limit of `quarantined`.
fallback as (

    select * from rules
    where rule = 'quarantined'

),

-- The rules of the raw contract are the same for all entities.
rules_of_any as (

    select * from rules
    where entity = 'any'

),

entities as (

    select * from {{ ref('entities') }}

),

history_rules as (

    select * from {{ ref('history_rules') }}

),

comparisons as (

    {{ on_published_day('int_history_checks__by_as_of', "days.level != 'not_judged'") }}

),

-- For rules that compare with the past, the rows are comparisons.
by_history as (

    select
        comparisons.as_of,
        comparisons.rule,
        comparisons.entity,
        history_rules.label_en,
        history_rules.label_zh,
        cast(count(*) as bigint) as rows_checked,
        cast(count(case when comparisons.level in ('warning', 'block') then 1 end) as bigint) as rows_failed,
        {{ rounded(
            "avg(case when comparisons.level in ('warning', 'block') then 1.0 else 0.0 end)", 6
        ) }} as share,
        cast(0 as double) as bar,
        case when count(case when comparisons.level = 'block' then 1 end) > 0 then 'error' else 'warn' end as severity
    from comparisons
    inner join history_rules on comparisons.rule = history_rules.rule
    group by comparisons.as_of, comparisons.rule, comparisons.entity, history_rules.label_en, history_rules.label_zh

),

all_checks as (

    select
        run.publication_as_of as as_of,
        checks.rule,
        checks.entity,
        coalesce(rules.label_en, rules_of_any.label_en, fallback.label_en) as label_en,
        coalesce(rules.label_zh, rules_of_any.label_zh, fallback.label_zh) as label_zh,
        cast(checks.rows_checked as bigint) as rows_checked,
        cast(checks.rows_failed as bigint) as rows_failed,
        coalesce(
            {{ rounded('cast(checks.rows_failed as double) / nullif(checks.rows_checked, 0)', 6) }}, 0
        ) as share,
        cast(coalesce(rules.bar, rules_of_any.bar, fallback.bar) as double) as bar,
        coalesce(rules.severity, rules_of_any.severity, fallback.severity) as severity
    from checks
    cross join run
    cross join fallback
    left join rules
        on
            checks.rule = rules.rule
            and checks.entity = rules.entity
    left join rules_of_any on checks.rule = rules_of_any.rule
    union all
    select * from by_history

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        all_checks.*,
        label_ranks.rank as severity_rank,
        coalesce(entities.label_en, all_checks.entity) as entity_en,
        coalesce(entities.label_zh, all_checks.entity) as entity_zh
    from all_checks
    left join entities on all_checks.entity = entities.entity
    left join label_ranks
        on
            label_ranks.label = 'severity'
            and all_checks.severity = label_ranks.code

)

select * from final
