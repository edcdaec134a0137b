"""Faults planted against a rule: each returned frame breaks only this rule; rules with two limits have two frames."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from pipelines.gates.allowed_expectations import ROW_COUNT
from pipelines.gates.rules import Condition, Rule

PLANTED = "13812345678"


def text_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of a clean table that contain text."""
    return [column for column in frame if pd.api.types.infer_dtype(frame[column], skipna=True) in ("string", "mixed")]


OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def _row(frame: pd.DataFrame, where: Condition | None, *filled: str) -> int:
    """The first row that the rule checks and whose `filled` columns are not null."""
    is_checked = frame[list(filled)].notna().all(axis=1)
    if where:
        is_checked &= OPERATORS[where.operator](frame[where.column], where.value)
    assert is_checked.any(), f"expected a row with {where} and {filled} in the clean table, found none"
    return int(is_checked.to_numpy().nonzero()[0][0])


def _with(frame: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    """The frame with one changed cell. Other cells keep their type if the new value allows it."""
    values = frame[column].tolist()
    values[row] = value
    changed = pd.Series(values, index=frame.index)
    return frame.assign(**{column: changed})


def _beyond(rule: Rule) -> Iterator[Any]:
    """A value below the lower limit, and one above the upper limit."""
    for name, step in (("min_value", -1), ("max_value", 1)):
        bar = rule.arguments.get(name)
        if isinstance(bar, date):
            yield pd.Timestamp(bar) + pd.Timedelta(days=step)
        elif bar is not None:
            yield bar + step


def _row_count(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for rows in _beyond(rule):
        if rows >= 0:
            yield pd.concat([frame.head(1)] * rows) if rows else frame.head(0)


def _null(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    yield _with(frame, _row(frame, rule.where), rule.arguments["column"], None)


def _twice(_: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    yield pd.concat([frame, frame.head(1)], ignore_index=True)


def _outside(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for value in _beyond(rule):
        yield _with(frame, _row(frame, rule.where), rule.arguments["column"], value)


def _unknown_value(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    known = rule.arguments["value_set"]
    unknown = not known[0] if len(known) == 1 and isinstance(known[0], bool) else "E"
    yield _with(frame, _row(frame, rule.where), rule.arguments["column"], unknown)


def _wrong_form(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    yield _with(frame, _row(frame, rule.where), rule.arguments["column"], "6x")


def _identifier(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    named = rule.arguments.get("column")
    for column in [named] if named else text_columns(frame):
        if column not in (rule.text_columns_but or ()):
            row = _row(frame, rule.where)
            yield _with(frame, row, column, f"call {PLANTED[:3]} {PLANTED[3:7]}-{PLANTED[7:]}")
            yield _with(frame, row, column, "someone@example.cn")
    if named:
        return
    yield frame.assign(column_that_came_later=[PLANTED, *[None] * (len(frame) - 1)])


def _reversed_pair(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    low, high = rule.arguments["column_A"], rule.arguments["column_B"]
    row = _row(frame, rule.where, low, high)
    step = pd.Timedelta(days=1) if isinstance(frame[high][row], pd.Timestamp) else 1
    yield _with(frame, row, low, frame[high][row] - step)
    if not rule.arguments.get("or_equal"):
        yield _with(frame, row, low, frame[high][row])


def _mean(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for value in _beyond(rule):
        yield frame.assign(**{rule.arguments["column"]: float(value)})


def _distinct(rule: Rule, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    column = rule.arguments["column"]
    most, least = rule.arguments.get("max_value"), rule.arguments.get("min_value", 0)
    if most == 1:
        yield _with(
            frame.head(1).loc[[0, 0]].reset_index(drop=True), 0, column, frame[column][0] - pd.Timedelta(days=1)
        )
        yield frame.assign(**{column: pd.NaT})
    elif most:
        yield pd.concat([frame.head(1)] * (most + 1)).assign(**{column: [f"value {i}" for i in range(most + 1)]})
    elif least > 1:
        yield frame.assign(**{column: frame[column][0]})


FAULTS: Mapping[str, Callable[[Rule, pd.DataFrame], Iterator[pd.DataFrame]]] = {
    ROW_COUNT: _row_count,
    "expect_column_mean_to_be_between": _mean,
    "expect_column_unique_value_count_to_be_between": _distinct,
    "expect_column_values_to_not_be_null": _null,
    "expect_column_values_to_be_unique": _twice,
    "expect_column_values_to_be_in_set": _unknown_value,
    "expect_column_values_to_be_between": _outside,
    "expect_column_values_to_match_regex": _wrong_form,
    "expect_column_values_to_not_match_regex": _identifier,
    "expect_column_pair_values_a_to_be_greater_than_b": _reversed_pair,
    "expect_compound_columns_to_be_unique": _twice,
}


def planted(rule: Rule, frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Frames that break the rule; `frame` is clean and is not changed."""
    return list(FAULTS[rule.expectation](rule, frame))
