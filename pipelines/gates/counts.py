"""Strips Great Expectations' results to counts, in place, before anything reads or renders them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

    from pipelines.gates.rules import Rule

COUNT_KEYS = (
    "element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent",
    "unexpected_percent_total", "unexpected_percent_nonmissing", "observed_value",
)  # fmt: skip
"""`observed_value` is a count or a mean: the vocabulary holds no expectation that observes anything else."""


_EXCEPTION_CLASS = re.compile(r"^(?:[a-z_.]+\.)?([A-Z][A-Za-z]*(?:Error|Exception))\b", re.MULTILINE | re.ASCII)


def strip_to_counts(result: ExpectationSuiteValidationResult, rules: Sequence[Rule], frame: pd.DataFrame) -> None:
    """Drops every value, the fingerprint of the data, and the text of exceptions, which can quote a value."""
    result.meta = {"great_expectations_version": result.meta.get("great_expectations_version")}
    for one in result.results:
        one.result = {key: _plain(one.result[key]) for key in COUNT_KEYS if key in (one.result or {})}
        problem = _problem(one, rules[one.expectation_config.meta["rule"]], frame)
        one.exception_info = {
            "raised_exception": problem is not None,
            "exception_message": problem,
            # Empty, not null: on a null the renderer drops the whole page and only logs it.
            "exception_traceback": "",
        }


def _plain(value: Any) -> float | int | None:
    """A number as Python's own; anything else is no count."""
    item = value.item() if hasattr(value, "item") else value
    return item if isinstance(item, (int, float)) else None


def _problem(one: ExpectationValidationResult, rule: Rule, frame: pd.DataFrame) -> str | None:
    """Why the expectation could not be judged, without a value; None where it was."""
    missing = [column for column in rule.columns if column not in frame.columns]
    if missing:
        return f"expected a column {', '.join(missing)}, found none"
    kinds = sorted({_kind(info) for info in _raised(one.exception_info or {})})
    if kinds:
        dtypes = ", ".join(f"{column} {frame[column].dtype}" for column in rule.columns)
        return f"could not be judged: {' and '.join(kinds)} ({dtypes or 'no column'})"
    return None


def _raised(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Exceptions of one result: told directly, or keyed by the metric that raised."""
    told = [info, *(part for part in info.values() if isinstance(part, dict))]
    return [part for part in told if part.get("raised_exception")]


def _kind(info: dict[str, Any]) -> str:
    """The class of the first exception in the chain; its message stays here."""
    named = _EXCEPTION_CLASS.search(info.get("exception_traceback") or "")
    return named[1] if named else "an exception"
