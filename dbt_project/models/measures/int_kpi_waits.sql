{# Median waiting times, which are not additive, by month and member of each dimension. #}
with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

teams as (

    select * from {{ ref('int_teams__by_as_of') }}

),

contacts as (

    select * from {{ ref('int_kpi_contacts') }}
    where closing_hours is not null or response_hours is not null

),

waits as (

    select
        customers.channel,
        customers.project,
        customers.grade,
        coalesce(teams.team, 'unknown') as team,
        contacts.agent,
        cast({{ dbt.date_trunc('month', 'contacts.counted_on') }} as date) as month_start,
        contacts.closing_hours,
        contacts.response_hours
    from contacts
    inner join customers on contacts.customer_key = customers.customer_key
    left join teams
        on
            contacts.as_of = teams.as_of
            and contacts.agent = teams.agent_id

),

final as (

    {% for dimension in kpi_dimensions() -%}
    select
        '{{ dimension }}' as dimension,
        {{ kpi_member(dimension) }} as member,
        month_start,
        cast(median(closing_hours) as double) as closing_hours_median,
        cast(median(response_hours) as double) as response_hours_median
    from waits
    group by {{ "month_start" if dimension == 'all' else dimension ~ ", month_start" }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
