with run as (

    select * from {{ ref('stg_scope__run') }}

),

report as (

    select * from {{ ref('stg_scoring__model_report') }}

),

final as (

    select
        run.publication_as_of as as_of,
        report.model_version,
        report.target,
        report.horizon_days,
        report.model,
        report.metric,
        report.segment,
        report.snapshot,
        cast(report.value as double) as value,
        cast(report.low as double) as low,
        cast(report.high as double) as high,
        cast(report.bar as double) as bar,
        report.passed
    from report
    cross join run

)

select * from final
