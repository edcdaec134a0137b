-- Latest contact of each customer by an agent, as known on publication_as_of.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}
    where is_agent_contact

),

final as (

    select
        interactions.customer_key,
        max(interactions.occurred_at) as last_contact_at,
        max(interactions.occurred_on) as last_contact_on
    from interactions
    inner join run on interactions.as_of = run.publication_as_of
    group by interactions.customer_key

)

select * from final
