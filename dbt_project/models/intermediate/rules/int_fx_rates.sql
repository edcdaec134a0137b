with home_rates as (

    select * from {{ source('scope', 'fx_rates') }}

),

default_rates as (

    select * from {{ ref('fx_rates') }}

),

counted as (

    select count(*) as home_rates from home_rates

),

given as (

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
    cross join counted
    where counted.home_rates = 0 and default_rates.currency != 'CNY'
    union all
    -- What all amounts are converted to needs no line in a file.
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
        -- Never null: a plain range lets the engine join by currency instead of comparing every pair.
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from asc), cast('9999-12-31' as date)
        ) as valid_to
    from given

)

select * from final
