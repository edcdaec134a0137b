-- Status and outcome of each case, as known at as_of. After a merge of customers, the case continues under the key of
-- as_of. An opt-out stops the case: the customer gets no win-back action from then on. The arm, `is_measured` and
-- `is_returned` do not change, because an opt-out may be an effect of the treatment.
with openings as (

    select * from {{ ref('int_case_openings') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

horizons as (

    {{ grading_horizons('winback') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}
    where is_customer_initiated or (is_agent_contact and answered)

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

cases as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        openings.case_id,
        openings.customer_key as opened_for_key,
        openings.opened_on,
        openings.level,
        openings.likely_cause,
        openings.action,
        openings.owner_agent_id,
        openings.due_on,
        openings.arm,
        cast({{ dbt.dateadd('day', 'horizons.horizon_days', 'openings.opened_on') }} as date) as ends_on,
        horizons.horizon_days,
        row_number() over (
            partition by customer_records.as_of, customer_records.customer_key, openings.opened_on
            order by openings.case_id asc
        ) as number_of_day
    from openings
    cross join horizons
    inner join customer_records
        on
            openings.customer_key = customer_records.record_key
            and openings.opened_on <= customer_records.as_of

),

-- Windows of one customer overlap only after a merge of two customers with a case each, or after days were graded
-- again. The earlier case continues. A superseded case supersedes no other case.
spaced as (

    select
        as_of,
        customer_key,
        {{ spaced_dates('opened_on', "cast('1900-01-01' as date)", 'max(horizon_days)') }} as kept_days
    from cases
    group by as_of, customer_key

),

-- A case is opened at the end of its day, so only later days count.
answers as (

    select
        cases.as_of,
        cases.case_id,
        min(case when interactions.is_customer_initiated then interactions.occurred_on end) as returned_on,
        min(interactions.occurred_on) as answered_on
    from cases
    inner join interactions
        on
            cases.as_of = interactions.as_of
            and cases.customer_key = interactions.customer_key
            and cases.opened_on < interactions.occurred_on
            and cases.ends_on >= interactions.occurred_on
    group by cases.as_of, cases.case_id

),

with_status as (

    select
        cases.*,
        answers.returned_on,
        answers.answered_on,
        least(greatest(cases.opened_on, opt_outs.heeded_on), cases.as_of) as stopped_on,
        case
            when cases.number_of_day > 1 or not array_contains(spaced.kept_days, cases.opened_on) then 'superseded'
            when answers.answered_on is not null then 'won'
            when opt_outs.heeded_on <= cases.ends_on then 'stopped'
            when cases.ends_on <= cases.as_of then 'lost'
            else 'open'
        end as status
    from cases
    inner join spaced
        on
            cases.as_of = spaced.as_of
            and cases.customer_key = spaced.customer_key
    left join opt_outs
        on
            cases.as_of = opt_outs.as_of
            and cases.customer_key = opt_outs.customer_key
    left join answers
        on
            cases.as_of = answers.as_of
            and cases.case_id = answers.case_id

),

final as (

    select
        as_of,
        case_id,
        customer_key,
        opened_for_key,
        level,
        likely_cause,
        action,
        owner_agent_id,
        arm,
        status,
        case
            when status in ('superseded', 'open') then null
            when status = 'stopped' then 'opted_out'
            when returned_on is not null then 'returned'
            when answered_on is not null then 'replied'
            else 'silent'
        end as outcome,
        status != 'superseded' and ends_on <= as_of as is_measured,
        returned_on is not null as is_returned,
        opened_on,
        due_on,
        case status
            when 'superseded' then opened_on
            when 'won' then answered_on
            when 'stopped' then stopped_on
            when 'lost' then ends_on
        end as closed_on,
        ends_on
    from with_status

)

select * from final
