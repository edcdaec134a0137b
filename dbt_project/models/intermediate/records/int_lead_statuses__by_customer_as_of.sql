-- The status of each customer of whom a source states one, as known at as_of. Of several records the status that became
-- known last decides; a record without a status counts as open from its creation. A sticky status decides alone.
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

-- Superseded versions too: a status is known until another one is, and not only while its row is in force.
stated as (

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

-- A word that is none of the codes counts as open.
coded as (

    select
        records.as_of,
        records.customer_key,
        records.record_key,
        stated.status is not null as is_stated,
        coalesce(statuses.status, 'open') as status,
        coalesce(statuses.is_closed, false) as is_closed,
        coalesce(statuses.is_sticky, false) as is_sticky,
        case when stated.status is null then records.created_at else stated.status_known_at end as status_at
    from records
    left join stated
        on
            records.as_of = stated.as_of
            and records.record_key = stated.record_key
    left join statuses on stated.status = statuses.status

),

stated_customers as (

    select
        as_of,
        customer_key
    from coded
    where is_stated
    group by as_of, customer_key

),

final as (

    select
        coded.as_of,
        coded.customer_key,
        coded.status as lead_status,
        coded.status_at as lead_status_at
    from coded
    inner join stated_customers
        on
            coded.as_of = stated_customers.as_of
            and coded.customer_key = stated_customers.customer_key
    qualify
        row_number() over (
            partition by coded.as_of, coded.customer_key
            order by
                coded.is_sticky desc,
                coded.status_at desc,
                coded.is_closed desc,
                coded.status asc,
                coded.record_key asc
        ) = 1

)

select * from final
