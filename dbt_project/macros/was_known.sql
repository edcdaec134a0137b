{#
    True where a row version counts for an as_of: it was known before the midnight that ends the day
    (`dates.cutoff_at`), no later version took its place by then, and it dates the row before that midnight.
    `pipelines/identity/known.py` states the same for leads.
#}
{% macro was_known(version, happened_at, dates='dates') -%}
    {{ version }}.{{ happened_at }} < {{ dates }}.cutoff_at
    and {{ version }}.known_at < {{ dates }}.cutoff_at
    and ({{ version }}.superseded_at is null or {{ version }}.superseded_at >= {{ dates }}.cutoff_at)
{%- endmacro %}
