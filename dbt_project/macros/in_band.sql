{# True where a value lies in a half-open band of a rules seed; an empty end is unbounded, a null value is in none. #}
{% macro in_band(value, band, minimum='min_value', maximum='max_value') -%}
    ({{ value }} >= {{ band }}.{{ minimum }} or ({{ band }}.{{ minimum }} is null and {{ value }} is not null))
    and ({{ value }} < {{ band }}.{{ maximum }} or {{ band }}.{{ maximum }} is null)
{%- endmacro %}
