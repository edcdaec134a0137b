{% set tables = published_tables() %}

with run as (

    select * from {{ ref('stg_scope__run') }}

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
            "'\"' || source || '\": \"' || cast(known_until as string) || '\"'", "', '", "order by source"
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
        cast(1 as bigint) as publication_rows,
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
