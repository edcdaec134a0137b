"""The five quality gates: suites read from `expectations/`, run by Great Expectations, reported as counts.

No Dagster here, and no value of any row: a report, its summary and its Data Docs hold names, bars and counts only.
"""
