{#
    Evidence behind a label that a source stated: the label if the rules know the text. A text that the rules do not
    know is never shown.
#}
{% macro stated_evidence(stated, label) -%}
    case
        when {{ label }} != 'unknown' then 'stated: ' || {{ label }}
        when {{ stated }} is not null then 'stated in words that the rules do not know'
        else 'nothing known'
    end
{%- endmacro %}
