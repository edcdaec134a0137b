{% set tables = [
    'customer_grades', 'customer_rfm', 'customer_purchase_history', 'customer_churn', 'lead_intent',
    'customer_purchase_silence',
    'winback_cases', 'winback_outcomes', 'agent_worklist', 'grade_movements', 'grade_history', 'kpi_monthly', 'grade_performance', 'data_quality', 'model_report'
] %}

with run as (

    select * from {{ source('scope', 'run') }}

),

{% for table in tables %}
{{ table }} as (

    select count(*) as row_count from {{ ref(table) }}

),
{% endfor %}

models as (

    select max(case when warning_level is not null then model_version end) as model_version
    from {{ ref('customer_churn') }}

),

watermarks as (

    select * from {{ ref('int_watermarks') }}

),

watermark_list as (

    select
        {{ dbt.listagg(
            "'\"' || source || '\": \"' || cast(known_until as varchar) || '\"'", "', '", "order by source"
        ) }} as entries
    from watermarks

),

final as (

    select
        run.publication_as_of as as_of,
        run.run_id,
        run.rule_version,
        models.model_version,
        {%- for table in tables %}
        cast({{ table }}.row_count as bigint) as {{ table }}_rows,
        {%- endfor %}
        '{' || coalesce(watermark_list.entries, '') || '}' as source_watermarks,
        run.published_at
    from run
    cross join models
    cross join watermark_list
    {%- for table in tables %}
    cross join {{ table }}
    {%- endfor %}

)

select * from final
