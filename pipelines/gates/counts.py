"""Remove all values of rows from Great Expectations' results before anything reads or renders them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.errors import TierhouseError, shortage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

    from pipelines.gates.rules import Rule

COUNT_KEYS = (
    "element_count",
    "unexpected_count",
    "unexpected_percent",
    "missing_count",
    "missing_percent",
    "unexpected_percent_total",
    "unexpected_percent_nonmissing",
    "observed_value",
)
"""`observed_value` is a count or a mean: the allowed expectations observe nothing else."""

_OF_SHORTAGE = ("OutOfMemoryException", "IOException")
"""DuckDB's classes of errors for too little memory and for a full disk."""
_EXCEPTION_CLASS = re.compile(r"^(?:[a-z_.]+\.)?([A-Z][A-Za-z]*(?:Error|Exception))\b", re.MULTILINE | re.ASCII)


class TooLittleForGate(TierhouseError):
    """The memory or the disk is too small for a gate: it says nothing about the rows."""


def strip_to_counts(result: ExpectationSuiteValidationResult, rules: Sequence[Rule], types: Mapping[str, str]) -> None:
    """Remove every value, the fingerprint of the data, and the messages of exceptions, which can quote a value.

    `types`: type of each column of the table. Changes `result` in place. Raises TooLittleForGate, with what to do.
    """
    result.meta = {"great_expectations_version": result.meta.get("great_expectations_version")}
    for checked in result.results:
        counts = checked.result or {}
        checked.result = {key: _count(counts[key]) for key in COUNT_KEYS if key in counts}
        problem = _problem(checked, rules[rule_position(checked)], types)
        checked.exception_info = {
            "raised_exception": problem is not None,
            "exception_message": problem,
            # Empty instead of null: with null the renderer logs an error and leaves out the whole page.
            "exception_traceback": "",
        }


def rule_position(checked: ExpectationValidationResult) -> int:
    """The position of the rule behind a result; `validate` writes it into the metadata of each expectation."""
    config = checked.expectation_config
    if config is None or config.meta is None:
        raise ValueError("expected the position of the rule in the metadata of an expectation, got no metadata")
    return config.meta["rule"]


def _count(value: Any) -> float | int | None:
    """A number as a Python number, null for anything else."""
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, (int, float)) else None


def _problem(checked: ExpectationValidationResult, rule: Rule, types: Mapping[str, str]) -> str | None:
    """Why the expectation could not be checked, without a value; None if it was checked."""
    missing = [column for column in rule.columns if column not in types]
    if missing:
        return f"expected a column {', '.join(missing)}, found none"
    raised = [(_exception_class(info), info) for info in _exceptions(checked.exception_info or {})]
    for name, info in raised:
        if name in _OF_SHORTAGE and (line := shortage(info["exception_traceback"])):
            raise TooLittleForGate(line)
    classes = sorted({name for name, _ in raised})
    if classes:
        of_columns = ", ".join(f"{column} {types[column]}" for column in rule.columns)
        return f"could not be checked: {' and '.join(classes)} ({of_columns or 'no column'})"
    return None


def _exceptions(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The exceptions of one result. Great Expectations gives one directly, or several by the metric that raised."""
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    return [part for part in parts if part.get("raised_exception")]


def _exception_class(info: Mapping[str, Any]) -> str:
    """The class of the first exception in the chain, without its message."""
    named = _EXCEPTION_CLASS.search(info.get("exception_traceback") or "")
    return named[1] if named else "an exception"
