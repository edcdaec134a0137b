-- Latest contact of each customer with us, as known on publication_as_of: a contact by an agent, a viewing on site, or
-- a subscription or signed deal. An answer to a complaint must come from an agent.
with interactions as (

    {{ on_published_day('int_interactions__by_as_of', "days.is_agent_contact or days.kind = 'viewing'") }}

),

steps as (

    {{ on_published_day('int_steps__by_as_of', 'days.is_opening or days.is_signed') }}

),

contacts as (

    select
        customer_key,
        occurred_at,
        is_agent_contact
    from interactions
    union all
    select
        customer_key,
        occurred_at,
        false as is_agent_contact
    from steps

),

final as (

    select
        contacts.customer_key,
        max(contacts.occurred_at) as last_contact_at,
        max(case when contacts.is_agent_contact then contacts.occurred_at end) as last_agent_contact_at,
        cast(max(case when contacts.is_agent_contact then contacts.occurred_at end) as date) as last_agent_contact_on
    from contacts
    group by contacts.customer_key

)

select * from final
