with thresholds as (

    select * from {{ ref('thresholds') }}

),

final as (

    select
        {%- for name in [
            'engaged_window_days', 'engaged_min_events', 'need_gap_days', 'new_within_days',
            'active_within_days', 'served_within_days', 'dormant_after_days', 'lost_after_days', 'tenancy_notice_days',
            'lease_gap_days', 'contacted_within_days', 'respond_within_hours', 'outcome_days', 'stability_days',
            'complaint_open_days', 'hold_out_seed', 'capacity_per_day', 'warning_min_triggers',
            'follow_up_days', 'first_follow_up_days', 'high_end_budget_wan', 'implausible_budget_wan',
            'repeat_within_days', 'repeat_min_buyers', 'value_margin_years'
        ] %}
        max(case when name = '{{ name }}' then cast(value as integer) end) as {{ name }},
        {%- endfor %}
        {%- for name in [
            'grade_band', 'value_rate_weight', 'value_margin_weight', 'value_model_weight', 'value_discount_rate',
            'value_signs_after_decision', 'value_signs_later', 'warning_band', 'repeat_min_share'
        ] %}
        max(case when name = '{{ name }}' then value end) as {{ name }},
        {%- endfor %}
        max(case when name = 'hold_out_share' then value end) as hold_out_share
    from thresholds

)

select * from final
