{#
    The body of a CTE: `subjects` (as_of, source, entity, rule, field) with the latest day, not after as_of, from which
    an operator has accepted what they show. An acceptance may leave out the end of its path: then it is for everything
    below it. The past of a subject begins on that day.
#}
{% macro accepted_from(subjects='subjects') -%}
    select
        {{ subjects }}.as_of,
        {{ subjects }}.source,
        {{ subjects }}.entity,
        {{ subjects }}.rule,
        {{ subjects }}.field,
        max(
            case
                when
                    {{ subjects }}.as_of >= acceptances.accepted_from
                    and coalesce(acceptances.entity, {{ subjects }}.entity) = {{ subjects }}.entity
                    and coalesce(acceptances.rule, {{ subjects }}.rule) = {{ subjects }}.rule
                    and coalesce(acceptances.field, {{ subjects }}.field) = {{ subjects }}.field
                    then acceptances.accepted_from
            end
        ) as accepted_from
    from {{ subjects }}
    left join {{ source('scope', 'acceptances') }} as acceptances on {{ subjects }}.source = acceptances.source
    group by
        {{ subjects }}.as_of, {{ subjects }}.source, {{ subjects }}.entity, {{ subjects }}.rule, {{ subjects }}.field
{%- endmacro %}
