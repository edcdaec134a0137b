"""Apache Spark in place of DuckDB for the dbt models: the server, and the tables that Spark and DuckDB share."""
