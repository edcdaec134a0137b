"""Comparisons with the past as sentences with numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import duckdb

SILENCE = "intermediate.int_silence_checks__by_as_of"
"""Built before scoring."""
CHECKS = "measures.int_history_checks__by_as_of"
"""All comparisons of the run, including those of grades."""


class Check(NamedTuple):
    """A comparison that warns about a day or blocks its publication."""

    as_of: date
    rule: str
    source: str
    entity: str
    field: str | None
    found: float
    usual_low: float | None
    usual_high: float | None
    bar: float
    compared: int
    level: str

    @property
    def path(self) -> str:
        """The argument of `tierhouse accept`."""
        return "/".join(filter(None, (self.source, self.entity, self.rule, self.field)))

    def __str__(self) -> str:
        return SENTENCES[self.rule](self) + (" (blocks the publication)" if self.level == "block" else "")


def find_checks(connection: duckdb.DuckDBPyConnection, table: str = CHECKS) -> list[Check]:
    """The comparisons that warn or block, blocking ones first; an empty list if the table does not exist yet."""
    if not _is_built(connection, table):
        return []
    rows = connection.execute(
        f"SELECT {', '.join(Check._fields)} FROM {table} WHERE level IN ('warning', 'block') "
        "ORDER BY level, as_of, source, entity, rule, field"
    ).fetchall()
    return [Check(*row) for row in rows]


def find_lines(connection: duckdb.DuckDBPyConnection, table: str = CHECKS) -> list[str]:
    """`describe` the comparisons that warn or block."""
    return describe(find_checks(connection, table))


def describe(checks: list[Check]) -> list[str]:
    """One line per check, and a last line with the possible actions."""
    if not checks:
        return []
    first = checks[0]
    return [
        *map(str, checks),
        "repair the source and run the day again, or accept a real change: "
        f'tierhouse accept {first.path} --as-of {first.as_of} --reason "…"',
    ]


def _is_built(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    schema, name = table.split(".")
    return bool(
        connection.execute(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [schema, name]
        ).fetchall()
    )


def _volume(check: Check) -> str:
    day, weekday = check.as_of, f"{check.as_of:%A}"
    usual = f"usually {check.usual_low:,.0f} to {check.usual_high:,.0f}"
    if check.rule == "volume_day":
        when, before = f"on {weekday} {day}", f"{usual} on a {weekday} ({check.compared} weeks)"
    else:
        days = 7 if check.rule == "volume_week" else 14
        when, before = f"in the {days} days to {day}", f"{usual} ({check.compared} such periods)"
    what = f"{check.entity} of all sources" if check.source == "all" else f"{check.source} {check.entity}"
    return f"{what} {when}: {check.found:,.0f} rows, {before}"


def _silence(check: Check) -> str:
    before = "" if check.usual_high is None else f", at most {check.usual_high:,.0f} days apart before"
    return (
        f"{check.source} {check.entity}: no new row for {check.found:,.0f} days up to {check.as_of}{before}: "
        "has the source stopped?"
    )


def _delivery_lines(check: Check) -> str:
    return (
        f"{check.source} {check.entity} delivered on {check.as_of}: {check.found:,.0f} lines, "
        f"{check.usual_low:,.0f} to {check.usual_high:,.0f} before ({check.compared} deliveries): "
        "is a part of the export missing?"
    )


def _delivery_repeated(check: Check) -> str:
    return (
        f"{check.source} {check.entity} delivered on {check.as_of}: {check.found:.0%} of the lines were known, "
        f"at most {check.usual_high:.0%} before ({check.compared} deliveries): was an old file sent again?"
    )


def _values(check: Check) -> str:
    days = {"values_day": "on", "values_week": "in the 7 days to", "values_month": "in the 28 days to"}[check.rule]
    return (
        f"{check.source} {check.entity}, {check.field}, {days} {check.as_of}: {check.found:.0%} of the rows have "
        f"other values than usual, at most {check.bar:.0%} are expected ({check.compared} such periods)"
    )


def _amounts(check: Check) -> str:
    return (
        f"{check.source} {check.entity}, {check.field}: the median amount of the 28 days to {check.as_of} is "
        f"{check.found:,.4g} times the usual one, {check.bar:g} times at most is expected: has the unit changed?"
    )


def _customers(check: Check) -> str:
    return (
        f"customers on {check.as_of}: {check.found:.0%} fewer than at the last grading, "
        f"at most {check.bar:.0%} fewer are expected"
    )


def _grade_shares(check: Check) -> str:
    return (
        f"grades on {check.as_of}: shares differ by {check.found:.0%} from the last grading, "
        f"at most {check.bar:.0%} is expected"
    )


def _one_grade(check: Check) -> str:
    before = "" if check.usual_high is None else f", {check.usual_high:.0%} at the last grading"
    return f"grades on {check.as_of}: {check.found:.0%} of the customers have one grade{before}"


def _warned_share(check: Check) -> str:
    return (
        f"warnings on {check.as_of}: the share of warned relationships differs by {check.found:.0%} from the last "
        f"grading, at most {check.bar:.0%} is expected"
    )


def _score_mean(check: Check) -> str:
    return (
        f"scores on {check.as_of}: the mean grade score has changed by the factor {check.found:.2f} since the last "
        f"grading, at most {check.bar:.2f} is expected"
    )


SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "volume_day": _volume,
    "volume_week": _volume,
    "volume_total": _volume,
    "silence": _silence,
    "delivery_lines": _delivery_lines,
    "delivery_repeated": _delivery_repeated,
    "values_day": _values,
    "values_week": _values,
    "values_month": _values,
    "amounts": _amounts,
    "customers": _customers,
    "grade_shares": _grade_shares,
    "one_grade": _one_grade,
    "warned_share": _warned_share,
    "score_mean": _score_mean,
}
