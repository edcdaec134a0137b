with reports as (

    select * from {{ ref('stg_mining__persona_report') }}
    union all
    select * from {{ ref('stg_mining__rule_report') }}
    union all
    select * from {{ ref('stg_mining__forecast_report') }}
    union all
    select * from {{ ref('stg_mining__match_report') }}

),

final as (

    select
        as_of,
        topic,
        subject,
        metric,
        value,
        low,
        high,
        bar,
        passed,
        note
    from reports

)

select * from final
