-- Every version of a lead that refuses marketing, by its consent or by its status, and the time at which the same lead
-- agreed again. Superseded versions count: a later version without an answer, or with an undated yes, lifts no refusal.
-- A yes that was already there when the status refused lifts nothing either, because default values survive every
-- change of a row. Quarantined rows count only for their refusals.
with leads as (

    select * from {{ ref('stg_landing__leads') }}

),

quarantined as (

    select * from {{ ref('stg_landing__refusals') }}

),

statuses as (

    select * from {{ ref('lead_statuses') }}
    where is_opt_out

),

answers as (

    select
        leads.record_key,
        leads.marketing_consent,
        leads.marketing_consent
        and not coalesce(
            lag(leads.marketing_consent) over (
                partition by leads.record_key order by leads.known_at asc, leads.revision asc, leads.batch_seq asc
            ), false
        ) as is_new_yes,
        statuses.status is not null as is_opt_out_status,
        leads.known_at,
        leads.status_known_at,
        leads.stated_at
    from leads
    left join statuses on leads.status = statuses.status
    union all
    select
        quarantined.record_key,
        quarantined.marketing_consent,
        false as is_new_yes,
        statuses.status is not null as is_opt_out_status,
        quarantined.known_at,
        quarantined.status_known_at,
        quarantined.stated_at
    from quarantined
    left join statuses on quarantined.status = statuses.status
    where statuses.status is not null or not quarantined.marketing_consent

),

-- Sources overwrite the status, so it counts from its own day. A consent counts from the day on which the row became
-- known.
refusals as (

    select
        record_key,
        is_opt_out_status and coalesce(marketing_consent, false) as is_despite_yes,
        case
            when is_opt_out_status and coalesce(marketing_consent, true) then status_known_at
            when stated_at > known_at then stated_at
            else known_at
        end as known_at,
        stated_at,
        status_known_at
    from answers
    where is_opt_out_status or not marketing_consent

),

agreements as (

    select
        record_key,
        is_new_yes,
        status_known_at,
        stated_at
    from answers
    where marketing_consent and not is_opt_out_status and stated_at is not null

),

final as (

    select
        refusals.record_key,
        refusals.known_at,
        cast(coalesce(refusals.stated_at, refusals.known_at) as date) as opted_out_on,
        min(
            case when agreements.is_new_yes or not refusals.is_despite_yes then agreements.status_known_at end
        ) as lifted_at
    from refusals
    left join agreements
        on
            refusals.record_key = agreements.record_key
            -- A refusal without a date counts as late as possible.
            and coalesce(refusals.stated_at, refusals.status_known_at) < agreements.stated_at
    group by
        refusals.record_key, refusals.known_at, refusals.stated_at, refusals.status_known_at,
        refusals.is_despite_yes

)

select * from final
