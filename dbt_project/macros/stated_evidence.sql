{# What a label rests on that a source states: the label where the rules know the text, and never a text that they do not. #}
{% macro stated_evidence(stated, label) -%}
    case
        when {{ label }} != 'unknown' then 'stated: ' || {{ label }}
        when {{ stated }} is not null then 'stated in words that the rules do not know'
        else 'nothing known'
    end
{%- endmacro %}
