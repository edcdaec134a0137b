-- Every level of the rules tables with cuts has a rank, and a level with a higher cut has a higher rank.
with levels as (

    select
        'warning_level' as label,
        level as code,
        min_probability as lower_limit
    from {{ ref('warning_levels') }}
    union all
    select
        'intent' as label,
        level as code,
        min_probability as lower_limit
    from {{ ref('intent_levels') }}
    union all
    select
        'purchasing_power' as label,
        level as code,
        min_budget_wan as lower_limit
    from {{ ref('purchasing_power') }}
    union all
    select
        'loyalty' as label,
        level as code,
        min_points as lower_limit
    from {{ ref('loyalty_levels') }}
    union all
    select
        'value_level' as label,
        level as code,
        min_points as lower_limit
    from {{ ref('value_levels') }}
    union all
    select
        'lifecycle' as label,
        stage as code,
        null as lower_limit
    from {{ ref('lifecycle_stages') }}

),

ranks as (

    select * from {{ ref('label_ranks') }}

),

ranked as (

    select
        levels.label,
        levels.code,
        levels.lower_limit,
        ranks.rank,
        lag(ranks.rank) over (
            partition by levels.label
            order by levels.lower_limit asc nulls first
        ) as rank_below
    from levels
    left join ranks
        on
            levels.label = ranks.label
            and levels.code = ranks.code

)

select
    label,
    code
from ranked
where
    rank is null
    or (lower_limit is not null and rank <= rank_below)
