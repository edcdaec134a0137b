{# What stands in a published table where a text may not be shown. #}
{% macro masked() -%}
    '(masked)'
{%- endmacro %}

{#
    A text of a source as it may be shown on a day (`dates.cutoff_at`): itself where the allow-list has it by then, else
    masked; null stays null. Every text that can reach a published table, a model or a report goes through here once,
    where the core reads it from staging. Needs `label_join` of the same column.
#}
{% macro label(column, kind) -%}
    case
        when nullif(trim({{ column }}), '') is null then null
        when {{ kind }}_labels.shown_from < dates.cutoff_at then {{ column }}
        else {{ masked() }}
    end
{%- endmacro %}

{% macro label_join(column, kind) -%}
    left join {{ ref('int_labels') }} as {{ kind }}_labels
        on
            {{ kind }}_labels.label_kind = '{{ kind }}'
            and {{ kind }}_labels.label = lower(trim({{ column }}))
{%- endmacro %}
