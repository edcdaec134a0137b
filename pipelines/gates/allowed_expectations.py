"""The expectations that a suite may use, with their arguments: those whose results are counts.

Loading a suite rejects all others. Their results contain minima, maxima, quantiles or frequent values, and these are
values of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.texts.shapes import PATTERNS

ROW_COUNT = "expect_table_row_count_to_be_between"

COLUMN_FIELDS = ("column", "columns", "text_columns_but")
"""The fields that name the columns of a rule: one column; several columns, one rule for each; all text columns except
those named, including columns that the table gets later."""


@dataclass(frozen=True)
class ExpectationSpec:
    """One expectation. `by_row`: it checks each row, else the table as a whole.

    `column_arguments`: arguments that are names of columns. `required`, `optional`: its other arguments. `has_bounds`:
    it has `min_value`, `max_value` or both.
    """

    by_row: bool
    column_arguments: tuple[str, ...] = ("column",)
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    has_bounds: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """All arguments except the names of columns."""
        return (*self.required, *self.optional, *(("min_value", "max_value") if self.has_bounds else ()))


ALLOWED_EXPECTATIONS: Mapping[str, ExpectationSpec] = {
    ROW_COUNT: ExpectationSpec(by_row=False, column_arguments=(), has_bounds=True),
    "expect_column_mean_to_be_between": ExpectationSpec(by_row=False, has_bounds=True),
    "expect_column_unique_value_count_to_be_between": ExpectationSpec(by_row=False, has_bounds=True),
    "expect_column_values_to_not_be_null": ExpectationSpec(by_row=True),
    "expect_column_values_to_be_unique": ExpectationSpec(by_row=True),
    "expect_column_values_to_be_in_set": ExpectationSpec(by_row=True, required=("value_set",)),
    "expect_column_values_to_be_between": ExpectationSpec(by_row=True, has_bounds=True),
    "expect_column_values_to_match_regex": ExpectationSpec(by_row=True, required=("regex",)),
    "expect_column_values_to_not_match_regex": ExpectationSpec(by_row=True, required=("regex",)),
    "expect_column_pair_values_a_to_be_greater_than_b": ExpectationSpec(
        by_row=True, column_arguments=("column_A", "column_B"), optional=("or_equal",)
    ),
    "expect_compound_columns_to_be_unique": ExpectationSpec(by_row=True, column_arguments=("column_list",)),
}


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value)) and len(set(value)) == len(value)


def _is_bound(value: Any) -> bool:
    return isinstance(value, int | float | date) and not isinstance(value, bool)


def _is_regex(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


FIELD_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "column": ("the name of a column", is_text),
    "column_A": ("the name of a column", is_text),
    "column_B": ("the name of a column", is_text),
    "columns": ("a list of different columns", is_text_list),
    "column_list": ("a list of different columns", is_text_list),
    "text_columns_but": ("a list of different columns", is_text_list),
    "min_value": ("a number or a date", _is_bound),
    "max_value": ("a number or a date", _is_bound),
    "value_set": ("a list of values", lambda value: isinstance(value, list) and bool(value)),
    "regex": (f"a regular expression or one of {', '.join(PATTERNS)}", _is_regex),
    "or_equal": ("true or false", lambda value: isinstance(value, bool)),
    "from_rows": (
        "a whole number of rows, 1 or more",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
    ),
    "severity": ("error or warning", lambda value: value in ("error", "warning")),
    "why": ("one sentence that says why", is_text),
    "may_be_empty": ("the reason why the table may be empty", is_text),
}
"""The values that each field accepts: in words, and as a test."""
