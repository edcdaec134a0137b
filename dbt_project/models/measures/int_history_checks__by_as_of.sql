-- The first grading of a home only warns: after the first load of an old export, a source looks as if it had stopped.
with totals as (

    select * from {{ ref('int_grading_totals') }}

),

first_grading as (

    select min(graded_as_of) as first_graded_on from totals

),

checks as (

    {% for kind in ['volume', 'silence', 'delivery', 'value', 'amount', 'grading'] -%}
    select
        as_of,
        rule,
        source,
        entity,
        field,
        found,
        usual_low,
        usual_high,
        bar,
        compared,
        level
    from {{ ref('int_' ~ kind ~ '_checks__by_as_of') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        checks.as_of,
        checks.source || '/' || checks.entity || '/' || checks.rule
        || case when checks.field = '' then '' else '/' || checks.field end as check_path,
        checks.rule,
        checks.source,
        checks.entity,
        nullif(checks.field, '') as field,
        checks.found,
        checks.usual_low,
        checks.usual_high,
        checks.bar,
        cast(checks.compared as integer) as compared,
        case
            when checks.level = 'block' and checks.as_of <= first_grading.first_graded_on then 'warning'
            else checks.level
        end as level
    from checks
    cross join first_grading

)

select * from final
