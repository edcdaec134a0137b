with checks as (

    {% for kind in ['volume', 'silence', 'delivery', 'value', 'amount', 'grading'] -%}
    select
        as_of,
        rule,
        source,
        entity,
        field,
        found,
        usual_low,
        usual_high,
        bar,
        compared,
        level
    from {{ ref('int_' ~ kind ~ '_checks__by_as_of') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        as_of,
        source || '/' || entity || '/' || rule || case when field = '' then '' else '/' || field end as check_path,
        rule,
        source,
        entity,
        nullif(field, '') as field,
        found,
        usual_low,
        usual_high,
        bar,
        cast(compared as integer) as compared,
        level
    from checks

)

select * from final
