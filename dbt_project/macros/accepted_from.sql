{#
    Body of a CTE. Input: `subjects` (as_of, source, entity, rule, field). Output: the same columns and `accepted_from`,
    the latest day up to as_of from which an operator accepted a change of the subject; null without an acceptance. An
    acceptance with an empty entity, rule or field covers all subjects below. The past of a subject begins at
    accepted_from.
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
    left join {{ ref('stg_scope__acceptances') }} as acceptances on {{ subjects }}.source = acceptances.source
    group by
        {{ subjects }}.as_of, {{ subjects }}.source, {{ subjects }}.entity, {{ subjects }}.rule, {{ subjects }}.field
{%- endmacro %}
