-- Numbers of rows that were checked and failed, by rule and entity, as known at publication_as_of.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

dates as (

    select
        int_as_of_dates.as_of,
        int_as_of_dates.cutoff_at
    from {{ ref('int_as_of_dates') }} as int_as_of_dates
    inner join run on int_as_of_dates.as_of = run.publication_as_of

),

customer_records as (

    {{ on_published_day('stg_identity__customer_records') }}

),

events as (

    {% for entity, happened_at in [
        ('leads', 'created_at'), ('interactions', 'occurred_at'), ('transactions', 'occurred_at')
    ] -%}
    select
        '{{ entity }}' as entity,
        rows_landed.record_key,
        rows_landed.{{ happened_at }} >= dates.cutoff_at as is_future
    from {{ ref('stg_landing__' ~ entity) }} as rows_landed
    inner join dates
        on
            rows_landed.known_at < dates.cutoff_at
            and (rows_landed.superseded_at is null or rows_landed.superseded_at >= dates.cutoff_at)
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

future_dated as (

    select
        'future_dated' as rule,
        entity,
        count(*) as rows_checked,
        count(case when is_future then 1 end) as rows_failed
    from events
    group by entity

),

orphans as (

    select
        'orphan' as rule,
        events.entity,
        count(*) as rows_checked,
        count(case when customer_records.record_key is null then 1 end) as rows_failed
    from events
    left join customer_records on events.record_key = customer_records.record_key
    where events.entity != 'leads' and not events.is_future
    group by events.entity

),

budgets as (

    select
        'budget_reversed' as rule,
        'leads' as entity,
        count(*) as rows_checked,
        count(case when records.is_budget_reversed then 1 end) as rows_failed
    from {{ ref('int_records__by_as_of') }} as records
    inner join run on records.as_of = run.publication_as_of

),

lead_versions as (

    select
        leads.record_key,
        leads.created_at,
        lag(leads.status_known_at) over (
            partition by leads.row_key
            order by leads.revision asc, leads.known_at asc, leads.batch_seq asc, leads.content_hash asc
        ) as stated_before
    from {{ ref('stg_landing__leads') }} as leads
    inner join dates on leads.known_at < dates.cutoff_at

),

-- A record cannot be created after a delivery that contained it: the source gave its id to another record.
reused_ids as (

    select
        'id_reused' as rule,
        'leads' as entity,
        count(distinct record_key) as rows_checked,
        count(distinct case when created_at > stated_before then record_key end) as rows_failed
    from lead_versions

),

{% for rule, column, seed, code in [
    ('unknown_status', 'status', 'lead_statuses', 'status'),
    ('unknown_intent', 'stated_intent', 'stated_intents', 'stated'),
] -%}
{{ rule }} as (

    select
        '{{ rule }}' as rule,
        'leads' as entity,
        count(records.{{ column }}) as rows_checked,
        count(case when codes.{{ code }} is null then records.{{ column }} end) as rows_failed
    from {{ ref('int_records__by_as_of') }} as records
    inner join run on records.as_of = run.publication_as_of
    left join {{ ref(seed) }} as codes on records.{{ column }} = codes.{{ code }}

),

{% endfor -%}
merged as (

    select
        'duplicate_merged' as rule,
        'leads' as entity,
        count(*) as rows_checked,
        count(*) - count(distinct customer_key) as rows_failed
    from customer_records

),

reversals as (

    select
        'reversal_without_deal' as rule,
        'transactions' as entity,
        count(*) as rows_checked,
        count(case when steps.is_unmatched_reversal then 1 end) as rows_failed
    from {{ ref('int_deal_steps__by_as_of') }} as steps
    inner join run on steps.as_of = run.publication_as_of
    where steps.is_reversal

),

rated_budgets as (

    select
        fx_rates.rate,
        cast(greatest(coalesce(records.budget_min, 0), coalesce(records.budget_max, 0)) as double)
        * cast(fx_rates.rate as double) as budget_cny
    from {{ ref('int_records__by_as_of') }} as records
    inner join run on records.as_of = run.publication_as_of
    left join {{ ref('int_fx_rates') }} as fx_rates
        on
            records.currency = fx_rates.currency
            and records.as_of >= fx_rates.valid_from
            and records.as_of < fx_rates.valid_to
    where coalesce(records.budget_min, records.budget_max) is not null

),

amounts as (

    select
        'transactions' as entity,
        steps.is_rate_missing
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join run on steps.as_of = run.publication_as_of
    union all
    select
        'leads' as entity,
        rate is null as is_rate_missing
    from rated_budgets

),

-- Most often an amount in yuan in a column that the mapping reads in 10,000 yuan.
large_budgets as (

    select
        'budget_implausible' as rule,
        'leads' as entity,
        count(*) as rows_checked,
        count(case when rated_budgets.budget_cny / 10000 > thresholds.implausible_budget_wan then 1 end) as rows_failed
    from rated_budgets
    cross join {{ ref('int_thresholds') }} as thresholds

),

without_rate as (

    select
        'rate_missing' as rule,
        entity,
        count(*) as rows_checked,
        count(case when is_rate_missing then 1 end) as rows_failed
    from amounts
    group by entity

),

contacts as (

    select
        contact_checks.rule,
        'leads' as entity,
        contact_checks.rows_checked,
        contact_checks.rows_failed
    from {{ ref('stg_identity__contact_checks') }} as contact_checks
    inner join run on contact_checks.as_of = run.publication_as_of

),

final as (

    select
        rule,
        entity,
        rows_checked,
        rows_failed
    from {{ ref('int_reading_checks') }}
    union all
    select * from future_dated
    union all
    select * from orphans
    union all
    select * from budgets
    union all
    select * from large_budgets
    union all
    select * from reused_ids
    union all
    select * from unknown_status
    union all
    select * from unknown_intent
    union all
    select * from merged
    union all
    select * from reversals
    union all
    select * from without_rate
    union all
    select * from contacts
    union all
    select
        rule,
        entity,
        rows_checked,
        rows_failed
    from {{ ref('int_masked_texts') }}

)

select * from final
