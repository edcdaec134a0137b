-- Texts that are masked, and ids that are replaced by keys, in the publication, by column.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

masked_texts as (

    {% for model, entity, columns in [
        ('int_records__by_as_of', 'leads', [
            'channel', 'campaign', 'customer_kind', 'demand_type', 'purpose', 'preferred_layout', 'preferred_district',
            'project', 'occupation', 'industry', 'income_band'
        ]),
        ('int_interactions__by_as_of', 'interactions', ['campaign']),
        ('int_costs__by_as_of', 'costs', ['channel']),
    ] -%}
    {% set outer = loop -%}
    {% for column in columns -%}
    select
        'masked_{{ column }}' as rule,
        '{{ entity }}' as entity,
        count(rows_shown.{{ column }}) as rows_checked,
        count(case when rows_shown.{{ column }} = {{ masked() }} then 1 end) as rows_failed
    from {{ ref(model) }} as rows_shown
    inner join run on rows_shown.as_of = run.publication_as_of
    {{ 'union all' if not (outer.last and loop.last) }}
    {% endfor %}
    {%- endfor %}

),

keyed_ids as (

    select
        'masked_lead_id' as rule,
        'leads' as entity,
        count(*) as rows_checked,
        count(case when records.record_key like '%:record-________________' then 1 end) as rows_failed
    from {{ ref('stg_identity__customer_records') }} as records
    inner join run on records.as_of = run.publication_as_of
    union all
    select
        'masked_property_id' as rule,
        'properties' as entity,
        count(*) as rows_checked,
        count(case when listings.property_id like 'property-________________' then 1 end) as rows_failed
    from {{ ref('int_listings__by_as_of') }} as listings
    inner join run on listings.as_of = run.publication_as_of

),

final as (

    select * from masked_texts
    where rows_checked > 0
    union all
    select * from keyed_ids
    where rows_checked > 0

)

select * from final
