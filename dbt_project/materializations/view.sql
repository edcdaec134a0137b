{# Replaces dbt's materialization `view` for DuckDB, for the reason in `table.sql`. #}
{% materialization view, adapter='duckdb' %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement('main') -%}
        {% if existing is not none %} drop {{ existing.type }} {{ existing }}; {% endif %}
        {{ get_create_view_as_sql(target, sql) }}
    {%- endcall %}

    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}

    {{ return({'relations': [target]}) }}

{% endmaterialization %}
