with fx_rates as (

    select * from {{ ref('fx_rates') }}

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
    from fx_rates

)

select * from final
