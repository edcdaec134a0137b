-- Rows in = rows out: fails with the number of rows of each side.
with counted as (

    select
        (select count(*) from {{ ref('customer_grades') }}) as published_rows,
        (
            select count(*)
            from {{ ref('grades__by_as_of') }} as grades
            inner join {{ source('scope', 'run') }} as run on grades.as_of = run.publication_as_of
        ) as graded_rows

)

select * from counted
where published_rows != graded_rows
