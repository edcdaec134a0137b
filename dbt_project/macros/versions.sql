{#
    Every version of the rows of a landing entity, with `superseded_at`: when the next version of the same row became
    known (UTC), null for the latest. Few rows are ever corrected: only those pay for the window (10 million rows: 2 s
    instead of 7 s). `happened`: the column that says when, as `happened_at` in business time; the zone is dear (3 s for
    10 million rows), so models that need it twice ask for it here.
#}
{% macro versions(landed, happened=none) -%}
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
            entries.content_hash,
            lead(entries.known_at) over (
                partition by entries.source, entries.row_key
                order by entries.known_at asc, entries.batch_seq asc, entries.content_hash asc
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
            and landed.content_hash = corrections.content_hash
{%- endmacro %}
