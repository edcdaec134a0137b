"""The five quality gates: suites read from `expectations/`, checked by Great Expectations, reported as counts.

Only `asset_check.py` uses Dagster. Reports, summaries and Data Docs contain names, limits and counts, never a value
of a row.
"""
