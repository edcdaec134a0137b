-- Numbers of rows and values that were read and do not fit, by rule and entity, as known at publication_as_of.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

dates as (

    select
        int_as_of_dates.as_of,
        int_as_of_dates.cutoff_at
    from {{ ref('int_as_of_dates') }} as int_as_of_dates
    inner join run on int_as_of_dates.as_of = run.publication_as_of

),

-- The dates of a quarantined row are not reliable: the row counts for the days for which its file counts. Files with
-- equal bytes count once, by their latest reading, so a changed mapping or a second file name adds no lines.
files_known as (

    select deliveries.*
    from {{ ref('int_deliveries') }} as deliveries
    inner join dates on deliveries.counts_from < dates.cutoff_at
    qualify
        row_number() over (
            partition by deliveries.source, deliveries.content, deliveries.entity
            order by deliveries.batch_seq desc, deliveries.file asc
        ) = 1

),

lines_read as (

    select
        entity,
        sum(lines) as rows_checked
    from files_known
    group by entity

),

quarantined as (

    select
        quarantine.rule,
        quarantine.entity,
        max(lines_read.rows_checked) as rows_checked,
        sum(quarantine.rows) as rows_failed
    from {{ ref('stg_landing__quarantine') }} as quarantine
    inner join files_known
        on
            quarantine.batch = files_known.batch
            and quarantine.file = files_known.file
            and quarantine.entity = files_known.entity
    inner join lines_read on quarantine.entity = lines_read.entity
    group by quarantine.rule, quarantine.entity

),

-- The rows are values of the fields with at least one value that does not fit.
emptied as (

    select
        'emptied' as rule,
        emptied.entity,
        sum(emptied.filled) as rows_checked,
        sum(emptied.rows) as rows_failed
    from {{ ref('stg_landing__emptied') }} as emptied
    inner join files_known
        on
            emptied.batch = files_known.batch
            and emptied.file = files_known.file
            and emptied.entity = files_known.entity
    group by emptied.entity

),

final as (

    select * from quarantined
    union all
    select * from emptied

)

select * from final
