{# The sums of each member of each dimension, in each month shown; null what its sources cannot tell, 0 what was not. #}
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

facts as (

    select facts.*
    from {{ ref('int_kpi_facts') }} as facts
    inner join months on facts.month_start = months.month_start

),

spends as (

    select
        spends.channel,
        spends.spent_in,
        spends.cost_cny
    from {{ ref('int_costs__by_as_of') }} as spends
    inner join months
        on
            spends.as_of = months.as_of
            and spends.spent_in = months.month_start

),

counted as (

    {% for dimension in kpi_dimensions() -%}
    select
        '{{ dimension }}' as dimension,
        {{ kpi_member(dimension) }} as member,
        month_start,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        max(case when is_contacts_known then 1 else 0 end) as contacts_known,
        max(case when is_deals_known then 1 else 0 end) as deals_known
    from facts
    group by {{ "month_start" if dimension == 'all' else dimension ~ ", month_start" }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Money is spent on channels: no other dimension can carry it.
spent as (

    select
        'channel' as dimension,
        channel as member,
        spent_in,
        cost_cny
    from spends
    union all
    select
        'all' as dimension,
        'all' as member,
        spent_in,
        sum(cost_cny) as cost_cny
    from spends
    group by spent_in

),

named as (

    select
        dimension,
        member,
        contacts_known,
        deals_known
    from counted
    union all
    select
        dimension,
        member,
        0 as contacts_known,
        0 as deals_known
    from spent

),

members as (

    select
        dimension,
        member,
        max(contacts_known) = 1 as is_contacts_known,
        max(deals_known) = 1 as is_deals_known
    from named
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
                then coalesce(counted.{{ measure }}, 0)
        end as {{ measure }},
        {%- endfor %}
        spent.cost_cny
    from members
    cross join months
    left join counted
        on
            members.dimension = counted.dimension
            and members.member = counted.member
            and months.month_start = counted.month_start
    left join spent
        on
            members.dimension = spent.dimension
            and members.member = spent.member
            and months.month_start = spent.spent_in

)

select * from final
