-- Rows checked and failed, by rule and entity, at the as_of of the publication.
with run as (

    select * from {{ source('scope', 'run') }}

),

dates as (

    select
        int_as_of_dates.as_of,
        int_as_of_dates.cutoff_at
    from {{ ref('int_as_of_dates') }} as int_as_of_dates
    inner join run on int_as_of_dates.as_of = run.publication_as_of

),

customer_records as (

    select customer_records.*
    from {{ source('identity', 'customer_records') }} as customer_records
    inner join run on customer_records.as_of = run.publication_as_of

),

files as (

    select
        entity,
        sum(lines) as rows_checked
    from {{ source('landing', 'files') }}
    group by entity

),

quarantined as (

    select
        quarantine.rule,
        quarantine.entity,
        max(files.rows_checked) as rows_checked,
        sum(quarantine.rows) as rows_failed
    from {{ source('landing', 'quarantine') }} as quarantine
    left join files on quarantine.entity = files.entity
    group by quarantine.rule, quarantine.entity

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

amounts as (

    select
        'transactions' as entity,
        steps.is_rate_missing
    from {{ ref('int_steps__by_as_of') }} as steps
    inner join run on steps.as_of = run.publication_as_of
    union all
    select
        'leads' as entity,
        fx_rates.rate is null as is_rate_missing
    from {{ ref('int_records__by_as_of') }} as records
    inner join run on records.as_of = run.publication_as_of
    left join {{ ref('int_fx_rates') }} as fx_rates
        on
            records.currency = fx_rates.currency
            and records.as_of >= fx_rates.valid_from
            and records.as_of < fx_rates.valid_to
    where coalesce(records.budget_min, records.budget_max) is not null

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

final as (

    select * from quarantined
    union all
    select * from future_dated
    union all
    select * from orphans
    union all
    select * from budgets
    union all
    select * from merged
    union all
    select * from reversals
    union all
    select * from without_rate

)

select * from final
