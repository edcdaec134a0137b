-- Status of each customer with a status in any source, as known at as_of. With several leads, the status that became
-- known last decides; a lead without a status counts as open from its creation. A sticky status decides alone.
with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

leads as (

    select * from {{ ref('stg_landing__leads') }}

),

statuses as (

    select * from {{ ref('lead_statuses') }}

),

records as (

    select * from {{ ref('int_records__by_as_of') }}

),

stated_records as (

    select distinct record_key
    from leads
    where status is not null

),

-- Includes superseded versions: a status stays known until another status is known, even if its row version is
-- superseded.
last_status as (

    select
        dates.as_of,
        leads.record_key,
        leads.status,
        leads.status_known_at
    from dates
    inner join leads on dates.cutoff_at > leads.status_known_at
    inner join stated_records on leads.record_key = stated_records.record_key
    qualify
        row_number() over (
            partition by dates.as_of, leads.record_key
            order by
                leads.revision desc,
                leads.status_known_at desc,
                leads.known_at desc,
                leads.batch_seq desc,
                leads.row_key desc
        ) = 1

),

-- A text that is not a known code counts as open.
with_code as (

    select
        records.as_of,
        records.customer_key,
        records.record_key,
        last_status.status is not null as is_stated,
        coalesce(statuses.status, 'open') as status,
        coalesce(statuses.is_closed, false) as is_closed,
        coalesce(statuses.is_sticky, false) as is_sticky,
        case when last_status.status is null then records.created_at else last_status.status_known_at end as status_at
    from records
    left join last_status
        on
            records.as_of = last_status.as_of
            and records.record_key = last_status.record_key
    left join statuses on last_status.status = statuses.status

),

stated_customers as (

    select
        as_of,
        customer_key
    from with_code
    where is_stated
    group by as_of, customer_key

),

final as (

    select
        with_code.as_of,
        with_code.customer_key,
        with_code.status as lead_status,
        with_code.status_at as lead_status_at
    from with_code
    inner join stated_customers
        on
            with_code.as_of = stated_customers.as_of
            and with_code.customer_key = stated_customers.customer_key
    qualify
        row_number() over (
            partition by with_code.as_of, with_code.customer_key
            order by
                with_code.is_sticky desc,
                with_code.status_at desc,
                with_code.is_closed desc,
                with_code.status asc,
                with_code.record_key asc
        ) = 1

)

select * from final
