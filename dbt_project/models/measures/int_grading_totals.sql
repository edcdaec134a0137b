-- All gradings in the ledger before this run, and the gradings of this run.
with ledger as (

    select * from {{ ref('stg_ledger__grades') }}

),

grades as (

    select * from {{ ref('grades__by_as_of') }}

),

all_grades as (

    select
        graded_as_of,
        grade,
        score,
        warning_level
    from ledger
    union all
    select
        as_of as graded_as_of,
        grade,
        score,
        case when churn_status = 'scored' then warning_level end as warning_level
    from grades

),

final as (

    select
        graded_as_of,
        count(*) as customers,
        {% for grade in ['a', 'b', 'c', 'd'] -%}
        cast(count(case when grade = '{{ grade | upper }}' then 1 end) as double) / count(*) as share_{{ grade }},
        {% endfor -%}
        count(warning_level) as scored,
        cast(count(case when warning_level != 'none' then 1 end) as double)
        / nullif(count(warning_level), 0) as warned_share,
        avg(score) as mean_score
    from all_grades
    group by graded_as_of

)

select * from final
