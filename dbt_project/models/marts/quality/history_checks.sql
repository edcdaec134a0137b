with checks as (

    {{ on_published_day('int_history_checks__by_as_of') }}

),

rules as (

    select * from {{ ref('history_rules') }}

),

final as (

    select
        checks.as_of,
        checks.check_path,
        checks.rule,
        checks.source,
        checks.entity,
        checks.field,
        rules.label_en,
        rules.label_zh,
        checks.found,
        checks.usual_low,
        checks.usual_high,
        checks.bar,
        rules.unit,
        checks.compared,
        checks.level
    from checks
    inner join rules on checks.rule = rules.rule

)

select * from final
