-- The allow-list: labels of the rules, and labels that enough leads have (pipelines/texts/labels.py).
{{ config(materialized='table') }}

with frequent_labels as (

    select * from {{ ref('stg_landing__labels') }}

),

published_texts as (

    select * from {{ ref('published_texts') }}

),

profile_labels as (

    select * from {{ ref('profile_labels') }}

),

all_labels as (

    select
        label_kind,
        label,
        shown_from
    from frequent_labels
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
    from all_labels
    group by label_kind, label

)

select * from final
