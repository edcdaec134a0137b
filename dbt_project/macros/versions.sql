{#
    Every version of the rows of a landing entity, with `superseded_at` (UTC): from then on a later version counts; null
    for the latest. Later means: of a later commit. Where the file states known_at, `revision` is one for all commits,
    so that an older state that arrives afterwards stays the older one. A version that is superseded at or before its
    known_at never counts.
    `effective`: from when a version can take the place of the one before it.
    `happened`: the column that says when, as `happened_at` in business time. The zone is dear (3 s for 10 million
    rows), so models that need it twice ask for it here.
    Few rows are ever corrected: only those pay for the window (10 million rows: 2 s instead of 7 s).
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
