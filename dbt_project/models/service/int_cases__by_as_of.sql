-- What became of each case, from what was known at as_of. A case of a customer who has become another goes on under
-- the present key. A customer who opts out stops the case: no one wins them back from then on. The arm stays, and so
-- does what is counted (`is_measured`, `is_returned`): an opt-out may be an effect of the treatment.
with openings as (

    select * from {{ ref('int_case_openings') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

horizons as (

    select * from {{ ref('horizons') }}
    where target = 'winback' and grades

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}
    where is_customer_initiated or (is_agent_contact and answered)

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

known as (

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

-- Windows of one customer overlap only where two customers with a case each have become one, or where days were graded
-- again. The earlier case goes on; a superseded case supersedes none.
kept as (

    select
        as_of,
        customer_key,
        {{ spaced_dates('opened_on', "cast('1900-01-01' as date)", 'max(horizon_days)') }} as kept_days
    from known
    group by as_of, customer_key

),

-- The day of opening ends before the case begins: what counts comes later.
answered as (

    select
        known.as_of,
        known.case_id,
        min(case when interactions.is_customer_initiated then interactions.occurred_on end) as returned_on,
        min(interactions.occurred_on) as answered_on
    from known
    inner join interactions
        on
            known.as_of = interactions.as_of
            and known.customer_key = interactions.customer_key
            and known.opened_on < interactions.occurred_on
            and known.ends_on >= interactions.occurred_on
    group by known.as_of, known.case_id

),

judged as (

    select
        known.*,
        answered.returned_on,
        answered.answered_on,
        least(greatest(known.opened_on, opt_outs.heeded_on), known.as_of) as stopped_on,
        case
            when known.number_of_day > 1 or not array_contains(kept.kept_days, known.opened_on) then 'superseded'
            when answered.answered_on is not null then 'won'
            when opt_outs.heeded_on <= known.ends_on then 'stopped'
            when known.ends_on <= known.as_of then 'lost'
            else 'open'
        end as status
    from known
    inner join kept
        on
            known.as_of = kept.as_of
            and known.customer_key = kept.customer_key
    left join opt_outs
        on
            known.as_of = opt_outs.as_of
            and known.customer_key = opt_outs.customer_key
    left join answered
        on
            known.as_of = answered.as_of
            and known.case_id = answered.case_id

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
    from judged

)

select * from final
