{#- Every model is a table on Spark: a step that reads a view would compute all views below it again. -#}
{% materialization view, adapter='spark' %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}
