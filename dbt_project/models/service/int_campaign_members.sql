-- Members of past campaigns with random arms. The first assignment counts, regardless of later contacts (intention to
-- treat).
with interactions as (

    {{ on_published_day('int_interactions__by_as_of') }}

),

horizons as (

    {{ grading_horizons('winback') }}

),

first_assignments as (

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

with_window as (

    select
        first_assignments.*,
        cast({{ dbt.dateadd('day', 'horizons.horizon_days', 'first_assignments.occurred_on') }} as date) as ends_on
    from first_assignments
    cross join horizons

),

returned_members as (

    select distinct
        with_window.customer_key,
        with_window.source_campaign
    from with_window
    inner join interactions
        on
            with_window.customer_key = interactions.customer_key
            and interactions.is_customer_initiated
            and with_window.occurred_at < interactions.occurred_at
            and with_window.ends_on >= interactions.occurred_on

),

final as (

    select
        with_window.customer_key,
        with_window.campaign,
        with_window.source_campaign,
        with_window.arm,
        returned_members.customer_key is not null as is_returned,
        with_window.ends_on <= with_window.as_of as is_measured,
        with_window.occurred_on as assigned_on,
        with_window.ends_on
    from with_window
    left join returned_members
        on
            with_window.customer_key = returned_members.customer_key
            and with_window.source_campaign = returned_members.source_campaign

)

select * from final
