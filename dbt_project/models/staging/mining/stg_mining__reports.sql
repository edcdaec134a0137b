with reports as (

    select * from {{ source('personas', 'persona_report') }}
    union all
    select * from {{ source('association_rules', 'rule_report') }}
    union all
    select * from {{ source('lead_forecast', 'forecast_report') }}
    union all
    select * from {{ source('listing_recommendations', 'match_report') }}

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
