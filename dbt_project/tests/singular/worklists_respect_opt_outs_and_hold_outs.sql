-- Customers who opted out of marketing are listed only for their own requests. Customers in the hold-out arm get no
-- win-back tasks.
with listed as (

    select * from {{ ref('agent_worklist') }}

),

tasks as (

    select * from {{ ref('int_listed_tasks') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

opt_outs as (

    select * from {{ ref('int_opt_outs__by_customer_as_of') }}

),

held_out as (

    select * from {{ ref('int_held_out_customers') }}

)

select
    listed.customer_id,
    listed.task
from listed
inner join ids on listed.customer_id = ids.customer_id
inner join tasks on ids.customer_key = tasks.customer_key
left join opt_outs
    on
        listed.as_of = opt_outs.as_of
        and ids.customer_key = opt_outs.customer_key
left join held_out on ids.customer_key = held_out.customer_key
where
    (listed.is_marketing and opt_outs.heeded_on is not null)
    or (tasks.is_winback and held_out.customer_key is not null)
