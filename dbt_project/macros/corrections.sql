{#
    For the versions of rows that were ever corrected: when the next version of the same row became known (UTC), null for
    the latest. Few rows are: only those pay for the window (10 million rows: 2 s instead of 7 s).
#}
{% macro corrections(landed) -%}
    select
        {{ landed }}.source,
        {{ landed }}.row_key,
        {{ landed }}.known_at,
        {{ landed }}.batch_seq,
        {{ landed }}.content_hash,
        lead({{ landed }}.known_at) over (
            partition by {{ landed }}.source, {{ landed }}.row_key
            order by {{ landed }}.known_at asc, {{ landed }}.batch_seq asc, {{ landed }}.content_hash asc
        ) as superseded_at
    from {{ landed }}
    inner join (
        select
            source,
            row_key
        from {{ landed }}
        group by source, row_key
        having count(*) > 1
    ) as corrected
        on
            {{ landed }}.source = corrected.source
            and {{ landed }}.row_key = corrected.row_key
{%- endmacro %}
