{#
    All row versions of a landing entity, with `superseded_at` (UTC): the time from which a later version counts; null
    for the latest version.
    Order of versions: `revision` (the order of commits; the same for all commits of a source whose files state
    known_at, so that an older state that arrives afterwards stays older), then known_at, then commit. A version that
    is superseded at or before its known_at never counts.
    `happened`: name of the event time column, returned as `happened_at` in business local time. Converting is slow
    (3 s for 10 million rows), so models that need the result twice convert here once.
    `effective`: time from which a version can replace the version before it.
    Only rows with several versions go through the window function (10 million rows: 2 s instead of 7 s).
#}
{% macro versions(landed, happened=none, effective='entries.known_at') -%}
    select
        landed.*,
        {%- if happened %}
        {{ to_business_time('landed.' ~ happened) }} as happened_at,
        {%- endif %}
        corrections.superseded_at
    from {{ landed }} as landed
    left join (
        select
            entries.source,
            entries.row_key,
            entries.known_at,
            entries.batch_seq,
            entries.revision,
            entries.content_hash,
            min({{ effective }}) over (
                partition by entries.source, entries.row_key
                order by
                    entries.revision asc, entries.known_at asc, entries.batch_seq asc, entries.content_hash asc
                rows between 1 following and unbounded following
            ) as superseded_at
        from {{ landed }} as entries
        inner join (
            select
                source,
                row_key
            from {{ landed }}
            group by source, row_key
            having count(*) > 1
        ) as corrected
            on
                entries.source = corrected.source
                and entries.row_key = corrected.row_key
    ) as corrections
        on
            landed.source = corrections.source
            and landed.row_key = corrections.row_key
            and landed.known_at = corrections.known_at
            and landed.batch_seq = corrections.batch_seq
            and landed.revision = corrections.revision
            and landed.content_hash = corrections.content_hash
{%- endmacro %}
