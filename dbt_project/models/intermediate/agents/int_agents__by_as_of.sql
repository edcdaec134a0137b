{#
    Reads the interactions of all customers, also in a training that builds a sample of customers: a share over the
    sample would be noisier than the share of the daily run, and a model would learn a weight that is too small.
#}
with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

interactions as (

    select * from {{ ref('stg_landing__interactions') }}

),

kinds as (

    select * from {{ ref('interaction_kinds') }}

),

-- A lead record that is known stays known: see stg_landing__leads.
known_records as (

    select
        record_key,
        min(greatest(created_at, known_at)) as known_from
    from {{ ref('stg_landing__leads') }}
    group by record_key

),

contacts as (

    select
        interactions.agent_id,
        interactions.answered,
        interactions.superseded_at,
        cast(interactions.occurred_at as date) as occurred_on,
        greatest(interactions.occurred_at, interactions.known_at, known_records.known_from) as counted_from
    from interactions
    inner join kinds
        on
            interactions.kind = kinds.kind
            and (kinds.direction = 'any' or interactions.direction = kinds.direction)
    inner join known_records on interactions.record_key = known_records.record_key
    where
        kinds.is_agent_contact
        and coalesce(interactions.arm, '') != 'hold_out'
        and interactions.answered is not null
        and interactions.agent_id is not null

),

final as (

    select
        dates.as_of,
        contacts.agent_id,
        cast(count(case when contacts.answered then 1 end) as double) / count(*) as answer_share_180d
    from dates
    inner join contacts
        on
            dates.cutoff_at > contacts.counted_from
            and (dates.cutoff_at <= contacts.superseded_at or contacts.superseded_at is null)
            and {{ dbt.datediff('contacts.occurred_on', 'dates.as_of', 'day') }} < 180
    group by dates.as_of, contacts.agent_id

)

select * from final
