with final as (

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
    from {{ ref('stg_mining__demand_rules') }}

)

select * from final
