"""Comparisons of a day with the past: messages about unusual changes, and acceptance of real changes.

The comparisons are dbt models (`int_*_checks__by_as_of`), their limits a rules table (`history_rules.csv`).
"""
