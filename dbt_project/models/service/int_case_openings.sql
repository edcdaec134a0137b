-- All cases, from the ledger and from this run. A customer has one case at a time and gets no new case before the
-- window of the last case is over, so outcome windows never overlap. After a merge of two customers, a case of the
-- ledger belongs to the merged customer. Customers who opted out get no case and no arm.
with warnings as (

    select * from {{ ref('int_warning_levels__by_customer_as_of') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

horizons as (

    {{ grading_horizons('winback') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

customers as (

    select * from {{ ref('customers') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

triggers as (

    select * from {{ ref('customer_triggers') }}

),

responses as (

    select * from {{ ref('responses') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

ledger as (

    select * from {{ ref('stg_ledger__cases') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

ledger_cases as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        ledger.opened_on,
        horizons.horizon_days
    from ledger
    cross join horizons
    inner join customer_records
        on
            ledger.customer_key = customer_records.record_key
            and ledger.opened_on < customer_records.as_of

),

spaced_cases as (

    select
        as_of,
        customer_key,
        {{ spaced_dates('opened_on', "cast('1900-01-01' as date)", 'max(horizon_days)') }} as kept_days
    from ledger_cases
    group by as_of, customer_key

),

-- A case whose window overlaps an earlier case of the same customer is superseded. It prevents no new case.
last_opened as (

    select
        ledger_cases.as_of,
        ledger_cases.customer_key,
        max(ledger_cases.opened_on) as opened_on
    from ledger_cases
    inner join spaced_cases
        on
            ledger_cases.as_of = spaced_cases.as_of
            and ledger_cases.customer_key = spaced_cases.customer_key
            and array_contains(spaced_cases.kept_days, ledger_cases.opened_on)
    group by ledger_cases.as_of, ledger_cases.customer_key

),

candidates as (

    select
        warnings.as_of,
        warnings.customer_key,
        warnings.warning_level,
        levels.response_hours,
        horizons.horizon_days
    from warnings
    cross join horizons
    inner join levels
        on
            warnings.warning_level = levels.level
            and levels.opens_case
    left join last_opened
        on
            warnings.as_of = last_opened.as_of
            and warnings.customer_key = last_opened.customer_key
    left join opt_outs
        on
            warnings.as_of = opt_outs.as_of
            and warnings.customer_key = opt_outs.customer_key
    where
        opt_outs.heeded_on is null
        and (
            last_opened.opened_on is null
            or {{ dbt.datediff('last_opened.opened_on', 'warnings.as_of', 'day') }} >= horizons.horizon_days
        )

),

spaced_candidates as (

    select
        customer_key,
        {{ spaced_dates('as_of', "cast('1900-01-01' as date)", 'max(horizon_days)') }} as opening_days
    from candidates
    group by customer_key

),

new_cases as (

    select
        candidates.customer_key,
        candidates.as_of as opened_on,
        candidates.warning_level as level,
        triggers.likely_cause,
        responses.action,
        customers.agent_id as owner_agent_id,
        cast({{ dbt.dateadd(
            'day', 'cast(ceil(candidates.response_hours / 24.0) as integer)', 'candidates.as_of'
        ) }} as date) as due_on,
        substr(
            {{ digest("'winback:' || ids.customer_id || ':' || cast(candidates.as_of as string)") }}, 1, 16
        ) as case_id
    from candidates
    inner join spaced_candidates
        on
            candidates.customer_key = spaced_candidates.customer_key
            and array_contains(spaced_candidates.opening_days, candidates.as_of)
    inner join ids on candidates.customer_key = ids.customer_key
    inner join customers
        on
            candidates.as_of = customers.as_of
            and candidates.customer_key = customers.customer_key
    inner join triggers
        on
            candidates.as_of = triggers.as_of
            and candidates.customer_key = triggers.customer_key
    left join responses
        on
            triggers.likely_cause = responses.cause
            and candidates.warning_level = responses.level

),

with_draw as (

    select
        new_cases.*,
        thresholds.hold_out_share,
        {{ draw("cast(thresholds.hold_out_seed as string) || ':' || new_cases.case_id") }} as draw
    from new_cases
    cross join thresholds

),

final as (

    select
        case_id,
        customer_key,
        opened_on,
        level,
        likely_cause,
        action,
        owner_agent_id,
        due_on,
        arm
    from ledger
    union all
    select
        case_id,
        customer_key,
        opened_on,
        level,
        likely_cause,
        action,
        owner_agent_id,
        due_on,
        case when draw < hold_out_share then 'hold_out' else 'treated' end as arm
    from with_draw

)

select * from final
