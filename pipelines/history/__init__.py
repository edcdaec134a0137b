"""A day against the past: what was found in words, and what an operator has accepted as a real change.

The comparisons themselves are dbt models (`int_*_checks__by_as_of`), their bars a rules table (`history_rules.csv`).
"""
