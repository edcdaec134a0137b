{#
    True where a row version may be used for an as_of: it happened and was known before the midnight that ends the day
    (`dates.cutoff_at`), and no later version was known by then.
#}
{% macro was_known(version, happened_at, dates='dates') -%}
    {{ version }}.{{ happened_at }} < {{ dates }}.cutoff_at
    and {{ version }}.known_at < {{ dates }}.cutoff_at
    and ({{ version }}.superseded_at is null or {{ version }}.superseded_at >= {{ dates }}.cutoff_at)
{%- endmacro %}
