-- The allow-list: labels of the rules, and labels that enough records say (pipelines/texts/labels.py).
{{ config(materialized='table') }}

with common as (

    select * from {{ source('landing', 'labels') }}

),

published_texts as (

    select * from {{ ref('published_texts') }}

),

profile_labels as (

    select * from {{ ref('profile_labels') }}

),

told as (

    select
        label_kind,
        label,
        {{ to_business_time('shown_from') }} as shown_from
    from common
    union all
    select
        label_kind,
        lower(trim(label)) as label,
        cast('1900-01-01' as timestamp) as shown_from
    from published_texts
    union all
    select
        dimension as label_kind,
        code as label,
        cast('1900-01-01' as timestamp) as shown_from
    from profile_labels
    where dimension in ('customer_kind', 'demand_type', 'purpose', 'income_band')

),

final as (

    select
        label_kind,
        label,
        min(shown_from) as shown_from
    from told
    group by label_kind, label

)

select * from final
