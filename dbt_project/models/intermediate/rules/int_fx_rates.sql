with home_rates as (

    select * from {{ ref('stg_scope__fx_rates') }}

),

default_rates as (

    select * from {{ ref('fx_rates') }}

),

home_rate_count as (

    select count(*) as home_rates from home_rates

),

rates as (

    select
        currency,
        valid_from,
        rate
    from home_rates
    where currency != 'CNY'
    union all
    select
        default_rates.currency,
        default_rates.valid_from,
        default_rates.rate
    from default_rates
    cross join home_rate_count
    where home_rate_count.home_rates = 0 and default_rates.currency != 'CNY'
    union all
    -- CNY, the target of every conversion, needs no row in a file.
    select
        'CNY' as currency,
        cast('1900-01-01' as date) as valid_from,
        cast(1 as decimal(18, 9)) as rate

),

final as (

    select
        currency,
        rate,
        valid_from,
        -- Never null: with a plain range, the engine joins by currency and does not compare every pair of rows.
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from asc), cast('9999-12-31' as date)
        ) as valid_to
    from rates

)

select * from final
