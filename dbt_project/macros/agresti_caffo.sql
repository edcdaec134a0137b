{#
    Bound of the 90 % interval for the difference of two shares by Agresti and Caffo (The American Statistician 54,
    2000): add one success and one failure to each sample, take the normal interval, clip to [-1, 1]. `side`: -1 for the
    lower bound, +1 for the upper bound. The interval keeps its level with small samples and rare successes.
#}
{% macro agresti_caffo(returned, total, returned_other, total_other, side) -%}
    {%- set share = '((' ~ returned ~ ' + 1e0) / (' ~ total ~ ' + 2e0))' -%}
    {%- set other = '((' ~ returned_other ~ ' + 1e0) / (' ~ total_other ~ ' + 2e0))' -%}
    greatest(-1, least(1, {{ share }} - {{ other }} + ({{ side }}) * 1.6448536269514722 * sqrt(
        {{ share }} * (1 - {{ share }}) / ({{ total }} + 2e0)
        + {{ other }} * (1 - {{ other }}) / ({{ total_other }} + 2e0)
    )))
{%- endmacro %}
