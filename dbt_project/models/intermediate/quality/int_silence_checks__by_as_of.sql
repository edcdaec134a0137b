-- Compares the days without a new row, without holidays, with the longest gap of the last half-year. For a source
-- without interactions, deals count as well: it may have no new customer for a long time while known customers buy.
with dates as (

    select as_of from {{ ref('int_as_of_dates') }}

),

rules as (

    select * from {{ ref('history_rules') }}
    where rule = 'silence'

),

holidays as (

    select * from {{ ref('seasons') }}
    where activity < 1

),

sources as (

    select * from {{ ref('stg_landing__sources') }}

),

arrivals as (

    select
        arrivals.source,
        case
            when arrivals.entity = 'transactions' and not sources.interactions then 'leads' else arrivals.entity
        end as entity,
        arrivals.known_on
    from {{ ref('int_arrivals__by_day') }} as arrivals
    inner join sources on arrivals.source = sources.source

),

subjects as (

    select distinct
        dates.as_of,
        arrivals.source,
        arrivals.entity,
        'silence' as rule,
        '' as field
    from arrivals
    inner join dates on arrivals.known_on <= dates.as_of

),

accepted as (

    {{ accepted_from() }}

),

gaps as (

    select
        accepted.as_of,
        accepted.source,
        accepted.entity,
        accepted.accepted_from,
        arrivals.known_on as starts_on,
        lead(arrivals.known_on) over (
            partition by accepted.as_of, accepted.source, accepted.entity
            order by arrivals.known_on asc
        ) as ends_on
    from accepted
    inner join arrivals
        on
            accepted.source = arrivals.source
            and accepted.entity = arrivals.entity
            and accepted.as_of >= arrivals.known_on

),

open_gaps as (

    select * from gaps
    where ends_on is null

),

quiet_days as (

    select
        open_gaps.as_of,
        open_gaps.source,
        open_gaps.entity,
        open_gaps.accepted_from,
        open_gaps.starts_on,
        {{ dbt.datediff('open_gaps.starts_on', 'open_gaps.as_of', 'day') }} - coalesce(
            sum(
                case
                    when holidays.period is not null
                        then {{ dbt.datediff(
                            'greatest(holidays.starts_on, open_gaps.starts_on)',
                            'least(holidays.ends_on, open_gaps.as_of)',
                            'day'
                        ) }} + 1
                end
            ), 0
        ) as days_quiet
    from open_gaps
    left join holidays
        on
            open_gaps.as_of >= holidays.starts_on
            and open_gaps.starts_on < holidays.ends_on
    group by
        open_gaps.as_of, open_gaps.source, open_gaps.entity, open_gaps.accepted_from, open_gaps.starts_on

),

longest_gaps as (

    select
        gaps.as_of,
        gaps.source,
        gaps.entity,
        max({{ dbt.datediff('gaps.starts_on', 'gaps.ends_on', 'day') }}) as longest,
        count(*) as gap_count
    from gaps
    cross join rules
    where
        gaps.ends_on is not null
        and {{ dbt.datediff('gaps.ends_on', 'gaps.as_of', 'day') }} <= rules.window_days
    group by gaps.as_of, gaps.source, gaps.entity

),

with_limit as (

    select
        quiet_days.as_of,
        quiet_days.source,
        quiet_days.entity,
        quiet_days.accepted_from,
        quiet_days.starts_on,
        greatest(quiet_days.days_quiet, 0) as days_quiet,
        longest_gaps.longest,
        coalesce(longest_gaps.gap_count, 0) as gap_count,
        greatest(rules.warn_least, coalesce(rules.warn_bar * longest_gaps.longest, 0)) as bar
    from quiet_days
    cross join rules
    left join longest_gaps
        on
            quiet_days.as_of = longest_gaps.as_of
            and quiet_days.source = longest_gaps.source
            and quiet_days.entity = longest_gaps.entity

),

final as (

    select
        as_of,
        'silence' as rule,
        source,
        entity,
        '' as field,
        cast(days_quiet as double) as found,
        cast(case when longest is not null then 0 end as double) as usual_low,
        cast(longest as double) as usual_high,
        cast(bar as double) as bar,
        gap_count as compared,
        case
            when days_quiet < bar then 'ok'
            when accepted_from is not null and accepted_from > starts_on then 'accepted'
            else 'warning'
        end as level
    from with_limit

)

select * from final
