-- Compares the files of the day with earlier files of the same name without digits. A file counts as a full export if
-- most of its rows were known. For a full export the number of lines is compared, for other files the share of known
-- rows.
with dates as (

    select
        as_of,
        cutoff_at
    from {{ ref('int_as_of_dates') }}

),

rules as (

    select * from {{ ref('history_rules') }}

),

deliveries as (

    select
        source,
        entity,
        regexp_replace(file, '[0-9]+', '#', 'g') as file_kind,
        batch_seq,
        min(counts_from) as counts_from,
        sum(lines) as line_count,
        sum(known) as known_count,
        cast(sum(known) as double) / nullif(sum(lines), 0) as known_share
    from {{ ref('int_deliveries') }}
    group by source, entity, regexp_replace(file, '[0-9]+', '#', 'g'), batch_seq

),

mapped_deliveries as (

    select deliveries.*
    from deliveries
    inner join {{ ref('stg_landing__sources') }} as sources on deliveries.source = sources.source
    where sources.is_mapped

),

-- With several deliveries on a day, the last one counts.
today as (

    select
        dates.as_of,
        mapped_deliveries.*
    from mapped_deliveries
    inner join dates
        on
            mapped_deliveries.counts_from < dates.cutoff_at
            and mapped_deliveries.counts_from >= cast(dates.as_of as timestamp)
    qualify
        row_number() over (
            partition by dates.as_of, mapped_deliveries.source, mapped_deliveries.entity, mapped_deliveries.file_kind
            order by mapped_deliveries.batch_seq desc
        ) = 1

),

subjects as (

    select distinct
        today.as_of,
        today.source,
        today.entity,
        rules.rule,
        '' as field
    from today
    cross join rules
    where rules.rule like 'delivery%'

),

accepted as (

    {{ accepted_from() }}

),

delivery_pairs as (

    select
        today.as_of,
        accepted.rule,
        today.source,
        today.entity,
        today.file_kind,
        today.line_count,
        today.known_share,
        accepted.accepted_from,
        rules.warn_bar,
        rules.min_rows,
        rules.min_windows,
        earlier.batch_seq,
        earlier.line_count as line_count_then,
        earlier.known_share as known_share_then
    from today
    inner join accepted
        on
            today.as_of = accepted.as_of
            and today.source = accepted.source
            and today.entity = accepted.entity
    inner join rules on accepted.rule = rules.rule
    left join mapped_deliveries as earlier
        on
            today.source = earlier.source
            and today.entity = earlier.entity
            and today.file_kind = earlier.file_kind
            and today.batch_seq > earlier.batch_seq
            and cast(coalesce(accepted.accepted_from, '1900-01-01') as timestamp) <= earlier.counts_from
    qualify
        row_number() over (
            partition by today.as_of, accepted.rule, today.source, today.entity, today.file_kind
            order by earlier.batch_seq desc nulls last
        ) <= rules.past_windows

),

found as (

    select
        as_of,
        rule,
        source,
        entity,
        file_kind,
        accepted_from,
        line_count,
        known_share,
        warn_bar,
        min_rows,
        min_windows,
        count(batch_seq) as compared,
        median(line_count_then) as lines_usual,
        min(line_count_then) as lines_low,
        max(line_count_then) as lines_high,
        max(known_share_then) as known_high,
        min(known_share_then) as known_low
    from delivery_pairs
    group by
        as_of, rule, source, entity, file_kind, accepted_from, line_count, known_share, warn_bar, min_rows, min_windows

),

-- The very first delivery has no known rows, even if it is a full export.
with_level as (

    select
        *,
        case
            when compared < min_windows and accepted_from is not null then 'accepted'
            when compared < min_windows then 'not_judged'
            when rule = 'delivery_lines' and (known_share < 0.5 or lines_usual < min_rows) then 'not_judged'
            when rule = 'delivery_lines' and line_count >= (1 - warn_bar) * lines_usual then 'ok'
            when rule = 'delivery_repeated' and (known_high >= 0.5 or compared < 2 or line_count < min_rows)
                then 'not_judged'
            when rule = 'delivery_repeated' and known_share < warn_bar then 'ok'
            else 'warning'
        end as level
    from found

),

-- One row per source and entity: the kind of file with the worst level.
final as (

    select
        as_of,
        rule,
        source,
        entity,
        '' as field,
        cast(case when rule = 'delivery_lines' then line_count else known_share end as double) as found,
        cast(case when rule = 'delivery_lines' then lines_low else known_low end as double) as usual_low,
        cast(case when rule = 'delivery_lines' then lines_high else known_high end as double) as usual_high,
        cast(case when rule = 'delivery_lines' then (1 - warn_bar) * lines_usual else warn_bar end as double) as bar,
        compared,
        level
    from with_level
    qualify
        row_number() over (
            partition by as_of, rule, source, entity
            order by
                case level when 'warning' then 0 when 'ok' then 1 when 'accepted' then 2 else 3 end asc,
                line_count desc,
                file_kind asc
        ) = 1

)

select * from final
