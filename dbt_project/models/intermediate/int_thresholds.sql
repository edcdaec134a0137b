with thresholds as (

    select * from {{ ref('thresholds') }}

),

final as (

    select
        {%- for name in [
            'engaged_window_days', 'engaged_min_events', 'frequent_min_events', 'horizon_days', 'new_within_days',
            'active_within_days', 'served_within_days', 'dormant_after_days'
        ] %}
        max(case when name = '{{ name }}' then cast(value as integer) end) as {{ name }},
        {%- endfor %}
        max(case when name = 'lost_after_days' then cast(value as integer) end) as lost_after_days
    from thresholds

)

select * from final
