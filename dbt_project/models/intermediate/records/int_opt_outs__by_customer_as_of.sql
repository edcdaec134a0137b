-- The only definition of an opt-out. A single refusal of a single lead, unless lifted, decides for the customer.
-- `opted_out_on` is as known at as_of. `heeded_on` includes refusals that become known on the day after, because agents
-- act on that day: a refusal that the nightly run reads counts in the same night.
{{ config(materialized='table') }}

with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_records as (

    select
        as_of,
        record_key,
        customer_key
    from {{ ref('stg_identity__customer_records') }}
    union distinct
    select
        as_of,
        record_key,
        customer_key
    from {{ ref('stg_identity__contact_records') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_record_version') }}

),

final as (

    select
        dates.as_of,
        customer_records.customer_key,
        min(case when opt_outs.known_at < dates.cutoff_at then opt_outs.opted_out_on end) as opted_out_on,
        min(opt_outs.opted_out_on) as heeded_on
    from opt_outs
    inner join customer_records on opt_outs.record_key = customer_records.record_key
    inner join dates
        on
            customer_records.as_of = dates.as_of
            and {{ dbt.dateadd('day', 1, 'dates.cutoff_at') }} > opt_outs.known_at
    where opt_outs.lifted_at is null or opt_outs.lifted_at >= dates.cutoff_at
    group by dates.as_of, customer_records.customer_key

)

select * from final
