with run as (

    select * from {{ source('scope', 'run') }}

),

checks as (

    select * from {{ ref('int_quality_checks') }}

),

rules as (

    select * from {{ ref('quality_rules') }}

),

-- A rule of the raw contract that has no bar of its own is judged by the one of `quarantined`.
fallback as (

    select * from rules
    where rule = 'quarantined'

),

final as (

    select
        run.publication_as_of as as_of,
        checks.rule,
        checks.entity,
        coalesce(rules.label_en, fallback.label_en) as label_en,
        coalesce(rules.label_zh, fallback.label_zh) as label_zh,
        cast(checks.rows_checked as bigint) as rows_checked,
        cast(checks.rows_failed as bigint) as rows_failed,
        coalesce(
            round(cast(checks.rows_failed as double) / nullif(checks.rows_checked, 0), 6), 0
        ) as share,
        cast(coalesce(rules.bar, fallback.bar) as double) as bar,
        coalesce(rules.severity, fallback.severity) as severity
    from checks
    cross join run
    cross join fallback
    left join rules
        on
            checks.rule = rules.rule
            and checks.entity = rules.entity

)

select * from final
