-- Every version of a record that refuses marketing, by its consent or by its status, and when the same record agreed
-- again. Superseded versions too: a later version that says nothing, or yes without a date, takes no refusal back. Nor
-- does a yes that stood there already when the status refused: a default survives every change of the row.
-- Quarantined rows count too, for their refusals alone.
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

stated as (

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

-- A status is overwritten, so it counts from its own day. A consent counts from the day on which the row was known.
refused as (

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
    from stated
    where is_opt_out_status or not marketing_consent

),

agreed as (

    select
        record_key,
        is_new_yes,
        status_known_at,
        stated_at
    from stated
    where marketing_consent and not is_opt_out_status and stated_at is not null

),

final as (

    select
        refused.record_key,
        refused.known_at,
        cast(coalesce(refused.stated_at, refused.known_at) as date) as opted_out_on,
        min(
            case when agreed.is_new_yes or not refused.is_despite_yes then agreed.status_known_at end
        ) as lifted_at
    from refused
    left join agreed
        on
            refused.record_key = agreed.record_key
            -- Without a date of its own a refusal is as late as it can be.
            and coalesce(refused.stated_at, refused.status_known_at) < agreed.stated_at
    group by refused.record_key, refused.known_at, refused.stated_at, refused.status_known_at, refused.is_despite_yes

)

select * from final
