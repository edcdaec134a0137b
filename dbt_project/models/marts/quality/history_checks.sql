with checks as (

    {{ on_published_day('int_history_checks__by_as_of') }}

),

rules as (

    select * from {{ ref('history_rules') }}

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

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
        checks.level,
        label_ranks.rank as level_rank
    from checks
    inner join rules on checks.rule = rules.rule
    left join label_ranks
        on
            label_ranks.label = 'check_level'
            and checks.level = label_ranks.code

)

select * from final
