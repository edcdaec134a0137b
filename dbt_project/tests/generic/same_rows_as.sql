{# Fails if two models have different row counts: a join lost or multiplied rows. #}
{% test same_rows_as(model, other) %}

with row_counts as (

    select
        (select count(*) from {{ model }}) as rows_here,
        (select count(*) from {{ other }}) as rows_there

)

select * from row_counts
where rows_here != rows_there

{% endtest %}
