{#
    With how many observations a prior counts against n of them: `weight` where they spread as widely as the prior is
    large, fewer where they agree; one alone agrees with nothing. Ten priors of 50,000 would otherwise outweigh hundreds of deals of 500.
#}
{% macro prior_pull(n, total, squares, prior, weight) -%}
    {{ weight }} * case when {{ n }} < 2 then 1 else least(
        coalesce(
            ({{ squared_spread(n, total, squares) }} + power({{ prior }}, 2))
            / nullif(({{ n }} + 1) * power({{ prior }}, 2), 0),
            1
        ),
        1
    ) end
{%- endmacro %}

{# Sum of the squared distances of n observations from their mean. #}
{% macro squared_spread(n, total, squares) -%}
    greatest({{ squares }} - coalesce(power({{ total }}, 2) / nullif({{ n }}, 0), 0), 0)
{%- endmacro %}
