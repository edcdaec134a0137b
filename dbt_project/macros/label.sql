{# Text in a published table that replaces a text that may not be published. #}
{% macro masked() -%}
    '(masked)'
{%- endmacro %}

{#
    Text of a source as it may be published on a day: the text itself if the allow-list had it before the end of the day (`dates.cutoff_at`),
    otherwise masked; null stays null. Every text that can reach a published table, a model or a report passes here
    once, where the core reads staging. Needs `label_join` of the same column.
#}
{% macro label(column, kind, dates='dates') -%}
    case
        when nullif(trim({{ column }}), '') is null then null
        when {{ kind }}_labels.shown_from < {{ dates }}.cutoff_at then {{ column }}
        else {{ masked() }}
    end
{%- endmacro %}

{% macro label_join(column, kind) -%}
    left join {{ ref('int_labels') }} as {{ kind }}_labels
        on
            {{ kind }}_labels.label_kind = '{{ kind }}'
            and {{ kind }}_labels.label = lower(trim({{ column }}))
{%- endmacro %}
