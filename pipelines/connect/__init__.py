"""Connections: tables of databases and CRM APIs, pulled into Parquet files that ordinary mappings read.

`connection` reads `connections/<name>.yml`, `databases`, `zoho` and `fxiaoke` read a system with dlt, `pull` compares
with earlier pulls and commits, `assets` has the Dagster assets.
"""
