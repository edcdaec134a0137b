-- The work lists for the source systems, by their own record ids: of each customer, the latest record of each source.
with worklist as (

    select * from {{ ref('int_worklist') }}

),

records as (

    {{ on_published_day('int_records__by_as_of') }}

),

customers as (

    {{ on_published_day('customers') }}

),

profile as (

    {{ on_published_day('int_profile__by_customer_as_of') }}

),

channel_labels as (

    select * from {{ ref('profile_labels') }}
    where dimension = 'contact_channel' and code != 'unknown'

),

demand_labels as (

    select * from {{ ref('profile_labels') }}
    where dimension = 'demand_type' and code != 'unknown'

),

matches as (

    {{ on_published_day('stg_mining__listing_matches', 'days.rank = 1') }}

),

listings as (

    {{ on_published_day('listings') }}

),

final as (

    select
        records.source,
        substr(records.record_key, length(records.source) + 2) as lead_id,
        worklist.agent_id,
        worklist.agent_id as agent_key,
        worklist.priority as rank,
        worklist.task_en as task,
        worklist.task_zh,
        worklist.reason_en as reason,
        worklist.reason_zh,
        worklist.action_en as action,
        worklist.action_zh,
        worklist.warning_level_en as warning_level,
        worklist.warning_level_zh,
        worklist.grade as value_grade,
        worklist.intent_en as intent,
        worklist.intent_zh,
        channel_labels.label_en as contact_channel,
        channel_labels.label_zh as contact_channel_zh,
        worklist.expected_benefit,
        demand_labels.label_en as demand_type,
        demand_labels.label_zh as demand_type_zh,
        nullif(customers.project, {{ masked() }}) as project,
        cast(round(customers.budget_min) as bigint) as budget_min,
        cast(round(customers.budget_max) as bigint) as budget_max,
        customers.budget_currency,
        case
            when customers.demand_type = 'rent' and coalesce(customers.budget_min, customers.budget_max) is not null
                then 'month'
        end as budget_period,
        -- A listing is an offer: none for a complaint, or for a customer who has opted out.
        case when worklist.is_marketing then listings.property_id end as best_listing,
        case when worklist.is_marketing then nullif(listings.project, {{ masked() }}) end as best_listing_project,
        case when worklist.is_marketing then cast(round(listings.list_price) as bigint) end as best_listing_price,
        case when worklist.is_marketing then matches.why_en end as why,
        case when worklist.is_marketing then matches.why_zh end as why_zh,
        worklist.due_at,
        worklist.is_overdue,
        worklist.days_overdue,
        worklist.is_opted_out,
        worklist.as_of
    from worklist
    inner join records on worklist.customer_key = records.customer_key
    inner join customers on worklist.customer_key = customers.customer_key
    inner join profile on worklist.customer_key = profile.customer_key
    left join channel_labels on profile.contact_channel = channel_labels.code
    left join demand_labels on customers.demand_type = demand_labels.code
    left join matches on worklist.customer_key = matches.customer_key
    left join listings on matches.property_key = listings.property_key
    qualify
        row_number() over (
            partition by records.source, records.customer_key
            order by records.updated_at desc, records.known_at desc, records.record_key desc
        ) = 1

)

select * from final
