{{ config(materialized='table') }}

with segments as (

    select * from {{ ref('rfm_segments') }}

),

scores as (

    {% for score in range(1, 6) -%}
    select {{ score }} as score
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        r.score as r,
        f.score as f,
        m.score as m,
        cast(r.score * 100 + f.score * 10 + m.score as string) as rfm_code,
        segments.segment
    from scores as r
    cross join scores as f
    cross join scores as m
    left join segments
        on
            r.score between segments.r_min and segments.r_max
            and f.score between segments.f_min and segments.f_max
            and m.score between segments.m_min and segments.m_max

)

select * from final
