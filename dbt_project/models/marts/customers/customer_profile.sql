{% set labelled = [
    'income_band', 'customer_kind', 'stage', 'demand_type', 'purpose', 'source_kind', 'intent', 'intent_kind',
    'purchasing_power', 'follow_up', 'lifecycle', 'behaviour', 'customer_group', 'price_sensitivity', 'contact_channel',
    'subscription_status', 'lead_status'
] %}
{% set ranked = ['income_band', 'stage', 'intent', 'purchasing_power', 'lifecycle', 'loyalty', 'value_level'] %}

with profile as (

    {{ on_published_day('int_profile__by_customer_as_of') }}

),

loyalty as (

    select * from {{ ref('int_loyalty__by_customer_as_of') }}

),

evidence as (

    select * from {{ ref('int_profile_evidence__by_customer_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

labels as (

    select
        dimension,
        code,
        label_en,
        label_zh
    from {{ ref('profile_labels') }}
    union all
    select
        'lead_status' as dimension,
        status as code,
        label_en,
        label_zh
    from {{ ref('lead_statuses') }}

),

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

final as (

    select
        profile.as_of,
        ids.customer_id,
        {%- for label in labelled + ['loyalty', 'value_level'] %}
        {{ 'loyalty' if label in ['loyalty', 'value_level'] else 'profile' }}.{{ label }},
        {{ label }}_labels.label_en as {{ label }}_en,
        {{ label }}_labels.label_zh as {{ label }}_zh,
        {%- if label in ranked %}
        {{ label }}_ranks.rank as {{ label }}_rank,
        {%- endif %}
        {%- endfor %}
        coalesce(profile.occupation, 'unknown') as occupation,
        coalesce(profile.industry, 'unknown') as industry,
        coalesce(profile.first_channel, 'unknown') as first_channel,
        coalesce(profile.district, 'unknown') as preferred_district,
        coalesce(profile.layout, 'unknown') as preferred_layout,
        profile.is_high_end,
        cast(profile.area_min as double) as area_min,
        cast(profile.area_max as double) as area_max,
        profile.budget_min,
        profile.budget_max,
        profile.budget_currency,
        profile.subscribed_on,
        profile.subscription_amount,
        profile.subscription_currency,
        profile.subscription_signed_on,
        {%- for label in labelled + ['loyalty', 'value_level'] %}
        evidence.{{ label }}_evidence,
        {%- endfor %}
        loyalty.loyalty_points,
        loyalty.value_points
    from profile
    inner join ids on profile.customer_key = ids.customer_key
    inner join loyalty
        on
            profile.as_of = loyalty.as_of
            and profile.customer_key = loyalty.customer_key
    inner join evidence
        on
            profile.as_of = evidence.as_of
            and profile.customer_key = evidence.customer_key
    {%- for label in labelled + ['loyalty', 'value_level'] %}
    left join labels as {{ label }}_labels
        on
            {{ label }}_labels.dimension = '{{ label }}'
            and {{ label }}_labels.code
            = {{ 'loyalty' if label in ['loyalty', 'value_level'] else 'profile' }}.{{ label }}
    {%- endfor %}
    {%- for label in ranked %}
    left join label_ranks as {{ label }}_ranks
        on
            {{ label }}_ranks.label = '{{ label }}'
            and {{ label }}_ranks.code
            = {{ 'loyalty' if label in ['loyalty', 'value_level'] else 'profile' }}.{{ label }}
    {%- endfor %}

)

select * from final
