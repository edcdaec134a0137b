{#
    A bound of the 90 % interval for the difference of two shares by Agresti and Caffo (The American Statistician 54,
    2000): one success and one failure are added to each sample, then the normal interval is taken, within [-1, 1].
    `side` is -1 for the lower bound, +1 for the upper one. Holds its level for small samples and rare successes too.
#}
{% macro agresti_caffo(returned, total, returned_other, total_other, side) -%}
    {%- set share = '((' ~ returned ~ ' + 1.0) / (' ~ total ~ ' + 2.0))' -%}
    {%- set other = '((' ~ returned_other ~ ' + 1.0) / (' ~ total_other ~ ' + 2.0))' -%}
    greatest(-1, least(1, {{ share }} - {{ other }} + ({{ side }}) * 1.6448536269514722 * sqrt(
        {{ share }} * (1 - {{ share }}) / ({{ total }} + 2.0)
        + {{ other }} * (1 - {{ other }}) / ({{ total_other }} + 2.0)
    )))
{%- endmacro %}
