with counts as (

    select * from {{ ref('int_kpi_counts') }}

),

waits as (

    select * from {{ ref('int_kpi_waits') }}

),

dimensions as (

    select * from {{ ref('kpi_dimensions') }}

),

final as (

    select
        counts.as_of,
        counts.month_start as month,
        counts.is_complete,
        counts.dimension,
        dimensions.label_en as dimension_en,
        dimensions.label_zh as dimension_zh,
        counts.member,
        {%- for count in ['leads', 'customers', 'reached_viewing', 'reached_subscription', 'reached_signing'] %}
        cast(counts.{{ count }} as bigint) as {{ count }},
        {%- endfor %}
        {%- for share, part, whole in [
            ('viewing_share', 'reached_viewing', 'customers_contacts_known'),
            ('subscription_share', 'reached_subscription_known', 'reached_viewing_known'),
            ('signing_share', 'reached_signing', 'reached_subscription'),
            ('conversion_share', 'reached_signing', 'customers_deals_known')
        ] %}
        cast(counts.{{ part }} as double) / nullif(counts.{{ whole }}, 0) as {{ share }},
        {%- endfor %}
        {%- for count in ['viewings', 'subscriptions', 'signed_deals', 'repeat_deals', 'renewals', 'cancellations'] %}
        cast(counts.{{ count }} as bigint) as {{ count }},
        {%- endfor %}
        cast(counts.repeat_deals as double) / nullif(counts.signed_deals, 0) as repeat_rate,
        {{ money('counts.contribution_cny') }} as contribution_cny,
        {%- for count in [
            'active_customers', 'open_at_start', 'retained_customers', 'dormant_customers', 'referrals',
            'referring_customers', 'complaints', 'complaining_customers', 'complaints_closed'
        ] %}
        cast(counts.{{ count }} as bigint) as {{ count }},
        {%- endfor %}
        {%- for share, part, whole in [
            ('retention_rate', 'retained_customers', 'open_at_start'),
            ('churn_rate', 'dormant_customers', 'open_at_start'),
            ('referral_rate', 'referring_customers', 'active_customers'),
            ('complaint_rate', 'complaining_customers', 'active_customers')
        ] %}
        cast(counts.{{ part }} as double) / nullif(counts.{{ whole }}, 0) as {{ share }},
        {%- endfor %}
        waits.closing_hours_median,
        {%- for count in ['enquiries', 'enquiries_due', 'enquiries_answered', 'enquiries_in_time'] %}
        cast(counts.{{ count }} as bigint) as {{ count }},
        {%- endfor %}
        cast(counts.enquiries_in_time as double) / nullif(counts.enquiries_due, 0) as in_time_share,
        waits.response_hours_median,
        cast(counts.satisfaction_answers as bigint) as satisfaction_answers,
        cast(counts.satisfaction_sum as double) / nullif(counts.satisfaction_answers, 0) as satisfaction_mean,
        {{ money('counts.cost_cny') }} as cost_cny,
        {{ money('cast(counts.cost_cny as double) / nullif(counts.leads, 0)') }} as cost_per_lead_cny,
        {{ money('cast(counts.cost_cny as double) / nullif(counts.signed_deals, 0)') }} as cost_per_deal_cny,
        cast(counts.graded_customers as bigint) as graded_customers,
        case when counts.graded_customers > 0 then {{ money('counts.expected_value_cny') }} end as expected_value_cny,
        -- Both means are null in a month without a graded day.
        cast(counts.expected_value_cny as double) / nullif(counts.graded_customers, 0)
        / nullif(
            lag(cast(counts.expected_value_cny as double) / nullif(counts.graded_customers, 0)) over (
                partition by counts.dimension, counts.member
                order by counts.month_start asc
            ),
            0
        ) - 1 as clv_growth
    from counts
    left join dimensions on counts.dimension = dimensions.dimension
    left join waits
        on
            counts.month_start = waits.month_start
            and counts.dimension = waits.dimension
            and counts.member = waits.member

)

select * from final
