"""Committed batches: manifests, live rows, the comparison of new rows with known rows, registration in DuckDB."""
