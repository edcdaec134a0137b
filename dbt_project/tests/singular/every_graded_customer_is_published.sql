-- Fails if grading and publication have different numbers of customers.
with row_counts as (

    select
        (select count(*) from {{ ref('customer_grades') }}) as published_rows,
        (
            select count(*)
            from {{ ref('grades__by_as_of') }} as grades
            inner join {{ ref('stg_scope__run') }} as run on grades.as_of = run.publication_as_of
        ) as graded_rows

)

select * from row_counts
where published_rows != graded_rows
