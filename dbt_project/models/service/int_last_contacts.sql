-- Latest contact of each customer by an agent, as known on publication_as_of.
with interactions as (

    {{ on_published_day('int_interactions__by_as_of', 'days.is_agent_contact') }}

),

final as (

    select
        interactions.customer_key,
        max(interactions.occurred_at) as last_contact_at,
        max(interactions.occurred_on) as last_contact_on
    from interactions
    group by interactions.customer_key

)

select * from final
