{#
    Weight of a prior in numbers of observations, against n observations. The full `weight` if the observations vary as
    much as the prior is large; less if they agree; the full `weight` for a single observation. Without this, ten priors
    of 50,000 would outweigh hundreds of deals of 500.
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

{# Sum of squared differences of n observations from their mean. #}
{% macro squared_spread(n, total, squares) -%}
    greatest({{ squares }} - coalesce(power({{ total }}, 2) / nullif({{ n }}, 0), 0), 0)
{%- endmacro %}
