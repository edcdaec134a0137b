{#
    True if a row version counts for an as_of: it was known before the end of the day (`dates.cutoff_at`), no later
    version replaced it by then, and its event time is before the end of the day. `pipelines/identity/known.py`
    implements the same rule for leads.
#}
{% macro was_known(version, happened_at, dates='dates') -%}
    {{ version }}.{{ happened_at }} < {{ dates }}.cutoff_at
    and {{ version }}.known_at < {{ dates }}.cutoff_at
    and ({{ version }}.superseded_at is null or {{ version }}.superseded_at >= {{ dates }}.cutoff_at)
{%- endmacro %}
