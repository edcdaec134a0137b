with source as (

    select * from {{ source('association_rules', 'demand_rules') }}

),

final as (

    select
        as_of,
        antecedent,
        consequent,
        support,
        confidence,
        lift,
        p_value,
        n,
        customers,
        antecedent_en,
        antecedent_zh,
        consequent_en,
        consequent_zh,
        rule_en,
        rule_zh
    from source

)

select * from final
