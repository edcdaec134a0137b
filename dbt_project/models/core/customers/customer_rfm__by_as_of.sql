with deals as (

    select * from {{ ref('deals') }}

),

engagement as (

    select * from {{ ref('int_engagement__by_customer_as_of') }}

),

breaks as (

    select * from {{ ref('rfm_breaks') }}

),

segments as (

    select * from {{ ref('int_rfm_codes') }}

),

summed as (

    select
        as_of,
        customer_key,
        max(last_signed_on) as last_signed_on,
        count(last_signed_on) as frequency,
        count(case when state = 'subscribed' then 1 end) as open_subscriptions,
        count(case when last_signed_on is not null then contribution_cny end) as deals_with_contribution,
        {{ money('coalesce(sum(contribution_cny), 0)') }} as monetary_total
    from deals
    group by as_of, customer_key

),

measured as (

    select
        summed.*,
        {{ dbt.datediff('summed.last_signed_on', 'summed.as_of', 'day') }} as recency_days,
        engagement.days_since_customer_event as engagement_recency_days,
        {{ money(
            'cast(summed.monetary_total as double) / nullif(summed.deals_with_contribution, 0)'
        ) }} as monetary_mean
    from summed
    left join engagement
        on
            summed.as_of = engagement.as_of
            and summed.customer_key = engagement.customer_key

),

scored as (

    -- The breaks are fixed, so equal values get equal scores. Sales and rentals are compared by contribution, not by
    -- quantiles. A customer without a net signed deal has no recency and no mean and gets the lowest scores.
    select
        measured.*,
        coalesce(r_breaks.score, 1) as r,
        f_breaks.score as f,
        coalesce(m_breaks.score, 1) as m
    from measured
    left join breaks as r_breaks
        on
            r_breaks.dimension = 'r'
            and {{ in_band('measured.recency_days', 'r_breaks') }}
    left join breaks as f_breaks
        on
            f_breaks.dimension = 'f'
            and {{ in_band('measured.frequency', 'f_breaks') }}
    left join breaks as m_breaks
        on
            m_breaks.dimension = 'm'
            and {{ in_band('measured.monetary_mean', 'm_breaks') }}

),

final as (

    select
        scored.as_of,
        scored.customer_key,
        cast(scored.recency_days as integer) as recency_days,
        cast(scored.engagement_recency_days as integer) as engagement_recency_days,
        cast(scored.frequency as integer) as frequency,
        cast(scored.open_subscriptions as integer) as open_subscriptions,
        scored.monetary_total,
        scored.monetary_mean,
        cast(scored.r as integer) as r,
        cast(scored.f as integer) as f,
        cast(scored.m as integer) as m,
        segments.rfm_code,
        segments.segment as rfm_segment,
        scored.last_signed_on
    from scored
    left join segments
        on
            scored.r = segments.r
            and scored.f = segments.f
            and scored.m = segments.m

)

select * from final
