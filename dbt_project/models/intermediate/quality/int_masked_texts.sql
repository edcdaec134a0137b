-- Texts that stand masked, and ids that stand as keys, in what is published, by column.
with run as (

    select * from {{ source('scope', 'run') }}

),

masked as (

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
        count(told.{{ column }}) as rows_checked,
        count(case when told.{{ column }} = {{ masked() }} then 1 end) as rows_failed
    from {{ ref(model) }} as told
    inner join run on told.as_of = run.publication_as_of
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
    from {{ source('identity', 'customer_records') }} as records
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

    select * from masked
    where rows_checked > 0
    union all
    select * from keyed_ids
    where rows_checked > 0

)

select * from final
