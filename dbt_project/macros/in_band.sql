{#
    True if a value lies in a half-open band [minimum, maximum) of a rules seed. An empty limit is unbounded. A null
    value is in no band.
#}
{% macro in_band(value, band, minimum='min_value', maximum='max_value') -%}
    ({{ value }} >= {{ band }}.{{ minimum }} or ({{ band }}.{{ minimum }} is null and {{ value }} is not null))
    and ({{ value }} < {{ band }}.{{ maximum }} or {{ band }}.{{ maximum }} is null)
{%- endmacro %}
