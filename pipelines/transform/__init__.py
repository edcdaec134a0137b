"""dbt from Dagster: the environment that dbt gets, the scope of a run, three sets of assets with gates between them."""
