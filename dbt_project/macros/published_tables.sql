{#
    All published tables except `publication`, in the order of docs/outputs.md. dbt needs the names at parse time, and
    its graph is complete only at compile time. A model of `models/marts` that is missing here raises a compiler error.
#}
{% macro published_tables() -%}
    {%- set tables = [
        'customer_grades', 'customer_profile', 'customer_clv', 'grade_reasons', 'customer_rfm',
        'customer_purchase_history', 'customer_churn', 'lead_intent', 'customer_purchase_silence', 'winback_cases', 'winback_outcomes',
        'agent_worklist', 'grade_history', 'grade_movements', 'kpi_monthly', 'grade_performance', 'data_quality',
        'history_checks', 'model_report', 'customer_segments', 'segment_profiles', 'demand_rules', 'demand_forecast',
        'demand_back_test', 'listing_matches', 'mining_report', 'identity_links'
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and node.fqn[1] == 'marts' and node.name not in tables + ['publication'] -%}
                {{ exceptions.raise_compiler_error(
                    'expected every published model in macros/published_tables.sql, found none named ' ~ node.name
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(tables) }}
{%- endmacro %}
