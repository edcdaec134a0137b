{# The measures of kpi_monthly that add up, by the model that counts them. Those that end in _known are denominators. #}
{% macro kpi_measures() -%}
    {{ return({
        'int_kpi_leads': [
            'leads', 'customers', 'customers_contacts_known', 'customers_deals_known', 'reached_viewing',
            'reached_viewing_known', 'reached_subscription', 'reached_subscription_known', 'reached_signing'
        ],
        'int_kpi_deals': [
            'subscriptions', 'signed_deals', 'repeat_deals', 'renewals', 'cancellations', 'contribution_cny'
        ],
        'int_kpi_contacts': [
            'viewings', 'satisfaction_answers', 'satisfaction_sum', 'referrals', 'complaints', 'complaints_closed',
            'enquiries', 'enquiries_due', 'enquiries_answered', 'enquiries_in_time'
        ],
        'int_kpi_activity': [
            'active_customers', 'referring_customers', 'complaining_customers', 'open_at_start', 'retained_customers',
            'dormant_customers'
        ],
        'int_kpi_values': ['graded_customers', 'expected_value_cny'],
    }) }}
{%- endmacro %}

{# The dimensions of kpi_monthly; each fact has one member of each. #}
{% macro kpi_dimensions() -%}
    {{ return(['all', 'channel', 'project', 'grade', 'team', 'agent']) }}
{%- endmacro %}

{# The member of a dimension that a row belongs to. #}
{% macro kpi_member(dimension) -%}
    {{ "'all'" if dimension == 'all' else dimension }}
{%- endmacro %}
