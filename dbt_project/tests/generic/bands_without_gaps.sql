{#
    Bands of a rules seed are half-open and have no gaps, per group: each band begins where the previous band ends, and
    only the last band has no upper limit.
#}
{% test bands_without_gaps(model, minimum, maximum, group_by="'all'") %}

with bands as (

    select
        {{ group_by }} as band_group,
        {{ minimum }} as band_minimum,
        {{ maximum }} as band_maximum,
        lead({{ minimum }}) over (
            partition by {{ group_by }}
            order by {{ minimum }} asc nulls first
        ) as next_minimum,
        row_number() over (
            partition by {{ group_by }}
            order by {{ minimum }} desc nulls last
        ) as position_from_top
    from {{ model }}

)

select * from bands
where
    (position_from_top = 1 and band_maximum is not null)
    or (position_from_top > 1 and (band_maximum is null or next_minimum is null or band_maximum != next_minimum))
    or band_minimum >= band_maximum

{% endtest %}
