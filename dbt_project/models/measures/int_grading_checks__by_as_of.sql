-- Compares each grading with the grading before. A grading that an operator accepted is compared with none. After a
-- long pause, no rule warns, but blocking rules still block.
with dates as (

    select as_of from {{ ref('int_as_of_dates') }}

),

rules as (

    select * from {{ ref('history_rules') }}

),

totals as (

    select * from {{ ref('int_grading_totals') }}

),

ordered as (

    select
        *,
        lag(graded_as_of) over (order by graded_as_of asc) as graded_before
    from totals

),

subjects as (

    select
        dates.as_of,
        'all' as source,
        'customers' as entity,
        rules.rule,
        '' as field
    from dates
    inner join rules on rules.rule in ('customers', 'grade_shares', 'one_grade', 'warned_share', 'score_mean')

),

accepted as (

    {{ accepted_from() }}

),

gradings as (

    select
        accepted.as_of,
        accepted.rule,
        accepted.accepted_from,
        rules.warn_bar,
        rules.block_bar,
        rules.min_rows,
        now.customers,
        now.scored,
        now.warned_share,
        now.mean_score,
        greatest(now.share_a, now.share_b, now.share_c, now.share_d) as largest_share,
        earlier.graded_as_of as graded_before,
        earlier.customers as customers_before,
        earlier.scored as scored_before,
        earlier.warned_share as warned_share_before,
        earlier.mean_score as mean_score_before,
        greatest(earlier.share_a, earlier.share_b, earlier.share_c, earlier.share_d) as largest_share_before,
        (
            abs(now.share_a - earlier.share_a) + abs(now.share_b - earlier.share_b)
            + abs(now.share_c - earlier.share_c) + abs(now.share_d - earlier.share_d)
        ) / 2 as distance,
        {{ dbt.datediff('earlier.graded_as_of', 'accepted.as_of', 'day') }} <= rules.window_days as is_recent
    from accepted
    inner join rules on accepted.rule = rules.rule
    inner join ordered as now on accepted.as_of = now.graded_as_of
    left join totals as earlier
        on
            now.graded_before = earlier.graded_as_of
            and coalesce(accepted.accepted_from, now.graded_before) <= earlier.graded_as_of

),

measures as (

    select
        *,
        case rule
            when 'customers' then greatest(1 - cast(customers as double) / nullif(customers_before, 0), 0)
            when 'grade_shares' then distance
            when 'one_grade' then largest_share
            when 'warned_share' then abs(warned_share - warned_share_before)
            when 'score_mean'
                then greatest(mean_score / nullif(mean_score_before, 0), mean_score_before / nullif(mean_score, 0))
        end as found,
        case when rule = 'one_grade' then largest_share_before end as usual_high,
        case rule
            when 'customers' then customers_before >= min_rows
            when 'warned_share' then least(scored, scored_before) >= min_rows
            when 'one_grade' then customers >= min_rows
            else least(customers, customers_before) >= min_rows
        end as is_enough
    from gradings

),

final as (

    select
        as_of,
        rule,
        'all' as source,
        'customers' as entity,
        '' as field,
        {{ rounded('found', 6) }} as found,
        cast(null as double) as usual_low,
        {{ rounded('usual_high', 6) }} as usual_high,
        cast(warn_bar as double) as bar,
        case when graded_before is null then 0 else 1 end as compared,
        case
            when graded_before is null and accepted_from is not null then 'accepted'
            when not coalesce(is_enough, false) or found is null then 'not_judged'
            when rule = 'one_grade' and found < warn_bar then 'ok'
            when rule = 'one_grade' and usual_high >= warn_bar then 'ok'
            when rule = 'one_grade' and graded_before is null then 'warning'
            when block_bar is not null and found >= block_bar then 'block'
            when not coalesce(is_recent, false) then 'not_judged'
            when found >= warn_bar then 'warning'
            else 'ok'
        end as level
    from measures

)

select * from final
