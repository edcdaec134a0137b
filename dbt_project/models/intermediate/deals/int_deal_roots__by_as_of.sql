{{ config(materialized='table') }}

{# Pointer doubling: after n rounds, a step knows its ancestor 2^n steps up the chain. #}
{% set rounds = 3 %}

with round_0 as (

    -- A step with its own deal_id needs no root. The chains of its followers end there.
    select
        as_of,
        transaction_key,
        parent_key as ancestor_key
    from {{ ref('int_transactions__by_as_of') }}
    where parent_key is not null and deal_id is null

),

{% for round in range(1, rounds + 1) %}
round_{{ round }} as (

    select
        steps.as_of,
        steps.transaction_key,
        coalesce(ancestors.ancestor_key, steps.ancestor_key) as ancestor_key
    from round_{{ round - 1 }} as steps
    left join round_{{ round - 1 }} as ancestors
        on
            steps.as_of = ancestors.as_of
            and steps.ancestor_key = ancestors.transaction_key

),

{% endfor %}
final as (

    select
        steps.as_of,
        steps.transaction_key,
        steps.ancestor_key as root_key,
        coalesce(roots.deal_id, steps.ancestor_key) as deal_key,
        unfinished.transaction_key is null as is_root_found
    from round_{{ rounds }} as steps
    left join {{ ref('int_transactions__by_as_of') }} as roots
        on
            steps.as_of = roots.as_of
            and steps.ancestor_key = roots.transaction_key
    left join round_0 as unfinished
        on
            steps.as_of = unfinished.as_of
            and steps.ancestor_key = unfinished.transaction_key

)

select * from final
