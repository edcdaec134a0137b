{# Rows in = rows out: fails with the number of rows of each side when a join has lost or multiplied rows. #}
{% test same_rows_as(model, other) %}

with counted as (

    select
        (select count(*) from {{ model }}) as rows_here,
        (select count(*) from {{ other }}) as rows_there

)

select * from counted
where rows_here != rows_there

{% endtest %}
