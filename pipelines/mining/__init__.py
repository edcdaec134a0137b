"""Between the warehouse and `models/mining`: marts in, tables of the schema `mining` out, which dbt publishes."""
