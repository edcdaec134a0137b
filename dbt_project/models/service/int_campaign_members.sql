-- Members of past campaigns with random arms, each once: as first assigned, whatever was done afterwards.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

interactions as (

    select interactions.*
    from {{ ref('int_interactions__by_as_of') }} as interactions
    inner join run on interactions.as_of = run.publication_as_of

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'winback' and grades

),

assigned as (

    select
        as_of,
        customer_key,
        campaign,
        source_campaign,
        arm,
        occurred_at,
        occurred_on
    from interactions
    where source_campaign is not null and arm in ('treated', 'hold_out')
    qualify
        row_number() over (
            partition by customer_key, source_campaign
            order by occurred_at asc, source asc, row_key asc
        ) = 1

),

windowed as (

    select
        assigned.*,
        cast({{ dbt.dateadd('day', 'horizons.horizon_days', 'assigned.occurred_on') }} as date) as ends_on
    from assigned
    cross join horizons

),

returned as (

    select distinct
        windowed.customer_key,
        windowed.source_campaign
    from windowed
    inner join interactions
        on
            windowed.customer_key = interactions.customer_key
            and interactions.is_customer_initiated
            and windowed.occurred_at < interactions.occurred_at
            and windowed.ends_on >= interactions.occurred_on

),

final as (

    select
        windowed.customer_key,
        windowed.campaign,
        windowed.source_campaign,
        windowed.arm,
        returned.customer_key is not null as is_returned,
        windowed.ends_on <= windowed.as_of as is_measured,
        windowed.occurred_on as assigned_on,
        windowed.ends_on
    from windowed
    left join returned
        on
            windowed.customer_key = returned.customer_key
            and windowed.source_campaign = returned.source_campaign

)

select * from final
