{# The body of a CTE: the rows of a model for the day that is published. `where` names the rows `days`. #}
{% macro on_published_day(model, where=none) -%}
    select days.*
    from {{ ref(model) }} as days
    inner join {{ ref('stg_scope__run') }} as run on days.as_of = run.publication_as_of
    {%- if where %}
    where {{ where }}
    {%- endif %}
{%- endmacro %}
