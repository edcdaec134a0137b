{# Additive measures of `kpi_monthly`, by the model that counts them. Names that end in _known are denominators. #}
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

{# Dimensions of `kpi_monthly`. Each fact has one member of each dimension. #}
{% macro kpi_dimensions() -%}
    {{ return(['all', 'channel', 'project', 'grade', 'team', 'agent']) }}
{%- endmacro %}

{# SQL expression for the member of a dimension. #}
{% macro kpi_member(dimension) -%}
    {{ "'all'" if dimension == 'all' else dimension }}
{%- endmacro %}
