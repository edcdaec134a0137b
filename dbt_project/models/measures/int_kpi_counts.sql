{#
    Sums of each member of each dimension, in each month that is shown. Null: the sources of the member do not deliver
    the facts. 0: no such fact happened.
#}
{% set parts = kpi_measures() %}
{% set measures = parts.values() | sum(start=[]) %}
{% set needs_deals = [
    'subscriptions', 'signed_deals', 'repeat_deals', 'renewals', 'cancellations', 'contribution_cny',
    'reached_subscription', 'reached_signing'
] %}
{% set needs_contacts = parts['int_kpi_contacts'] + parts['int_kpi_activity'] + ['reached_viewing'] %}

with months as (

    select * from {{ ref('int_kpi_months') }}
    where is_shown

),

sums as (

    select facts.*
    from {{ ref('int_kpi_facts') }} as facts
    inner join months on facts.month_start = months.month_start

),

costs_by_channel as (

    select
        costs_by_channel.channel,
        costs_by_channel.spent_in,
        costs_by_channel.cost_cny
    from {{ ref('int_costs__by_as_of') }} as costs_by_channel
    inner join months
        on
            costs_by_channel.as_of = months.as_of
            and costs_by_channel.spent_in = months.month_start

),

-- Costs are known by channel only, so other dimensions have none.
costs as (

    select
        'channel' as dimension,
        channel as member,
        spent_in,
        cost_cny
    from costs_by_channel
    union all
    select
        'all' as dimension,
        'all' as member,
        spent_in,
        sum(cost_cny) as cost_cny
    from costs_by_channel
    group by spent_in

),

all_members as (

    select
        dimension,
        member,
        contacts_known,
        deals_known
    from sums
    union all
    select
        dimension,
        member,
        0 as contacts_known,
        0 as deals_known
    from costs

),

members as (

    select
        dimension,
        member,
        max(contacts_known) = 1 as is_contacts_known,
        max(deals_known) = 1 as is_deals_known
    from all_members
    group by dimension, member

),

final as (

    select
        months.as_of,
        months.month_start,
        members.dimension,
        members.member,
        months.is_complete,
        {%- for measure in measures %}
        case
            when {{
                'members.is_deals_known' if measure in needs_deals
                else 'members.is_contacts_known' if measure in needs_contacts
                else 'true'
            }}
                then coalesce(sums.{{ measure }}, 0)
        end as {{ measure }},
        {%- endfor %}
        costs.cost_cny
    from members
    cross join months
    left join sums
        on
            members.dimension = sums.dimension
            and members.member = sums.member
            and months.month_start = sums.month_start
    left join costs
        on
            members.dimension = costs.dimension
            and members.member = costs.member
            and months.month_start = costs.spent_in

)

select * from final
