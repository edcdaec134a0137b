-- All cases and campaign members whose window is over, by the arm that was drawn (intention to treat).
with cases as (

    {{ on_published_day('int_cases__by_as_of') }}

),

members as (

    select * from {{ ref('int_campaign_members') }}

),

causes as (

    select * from {{ ref('causes') }}

),

actions as (

    select * from {{ ref('actions') }}

),

final as (

    select
        'case' as origin,
        'cases' as campaign,
        likely_cause,
        action,
        arm,
        is_returned
    from cases
    where is_measured
    union all
    -- The parts of a campaign code winback/<when>/<cause>/<action> give cause and action.
    select
        'campaign' as origin,
        members.campaign,
        coalesce(causes.cause, 'unknown') as likely_cause,
        coalesce(actions.action, 'unknown') as action,
        members.arm,
        members.is_returned
    from members
    left join causes on split_part(members.campaign, '/', 3) = causes.cause
    left join actions on split_part(members.campaign, '/', 4) = actions.action
    where members.is_measured

)

select * from final
