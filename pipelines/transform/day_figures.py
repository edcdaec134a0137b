"""Numbers of each graded day, for the plots of Dagster, from tables that have all days of a run."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

GRADES = ("A", "B", "C", "D")
LEVELS = ("urgent", "high", "middle", "low")


def _counts(column: str, values: tuple[str, ...], label: str) -> str:
    return ", ".join(f"count(*) FILTER (WHERE {column} = '{value}') AS \"{label} {value}\"" for value in values)


def _sums(amount: str, column: str, values: tuple[str, ...], label: str) -> str:
    return ", ".join(
        f"coalesce(sum({amount}) FILTER (WHERE {column} = '{value}'), 0)::DOUBLE AS \"{label} {value}\""
        for value in values
    )


FIGURES = {
    "customer_grades": (
        f"count(*) AS customers, {_counts('grade', GRADES, 'customers of grade')}, "
        'sum(expected_value_12m)::DOUBLE AS "expected value of 12 months (CNY)", '
        'count(*) FILTER (WHERE grade <> grade_previous) AS "customers with another grade than before"'
    ),
    "customer_churn": (
        f"{_counts('warning_level', LEVELS, 'warnings')}, "
        f"{_sums('expected_value_12m', 'warning_level', LEVELS, 'money at stake (CNY)')}"
    ),
}
"""Asset → columns of a query by day on `grading.grades__by_as_of`. A column is a number and its label."""


def day_figures(connection: duckdb.DuckDBPyConnection, asset: str) -> Mapping[str, Mapping[str, float]]:
    """Return day → label → number; empty for an asset without such numbers."""
    if asset not in FIGURES:
        return {}
    found = connection.execute(
        f"SELECT as_of, {FIGURES[asset]} FROM grading.grades__by_as_of GROUP BY as_of ORDER BY as_of"
    )
    labels = [column[0] for column in found.description][1:]
    return {str(day): dict(zip(labels, numbers, strict=True)) for day, *numbers in found.fetchall()}
