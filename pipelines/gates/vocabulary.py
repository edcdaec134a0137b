"""The expectations that a suite may use: those whose results can be told in counts, and the arguments they take.

Others are refused on load. Great Expectations writes minima, maxima, quantiles and most common values into its
results, and those are values of rows.
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
"""The ways to say what a column rule is about: one column; one rule for each column named; one rule for each text
column of the table that is not named, whatever columns the table may get later."""


@dataclass(frozen=True)
class Vocable:
    """One expectation. `rows`: it judges row by row, else the table as a whole.

    `names`: its arguments that hold names of columns. `required`, `optional`: its other arguments. `bounds`: it takes
    `min_value`, `max_value` or both.
    """

    rows: bool
    names: tuple[str, ...] = ("column",)
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    bounds: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """Every argument but the names of columns."""
        return (*self.required, *self.optional, *(("min_value", "max_value") if self.bounds else ()))


VOCABULARY: Mapping[str, Vocable] = {
    ROW_COUNT: Vocable(rows=False, names=(), bounds=True),
    "expect_column_mean_to_be_between": Vocable(rows=False, bounds=True),
    "expect_column_unique_value_count_to_be_between": Vocable(rows=False, bounds=True),
    "expect_column_values_to_not_be_null": Vocable(rows=True),
    "expect_column_values_to_be_unique": Vocable(rows=True),
    "expect_column_values_to_be_in_set": Vocable(rows=True, required=("value_set",)),
    "expect_column_values_to_be_between": Vocable(rows=True, bounds=True),
    "expect_column_values_to_match_regex": Vocable(rows=True, required=("regex",)),
    "expect_column_values_to_not_match_regex": Vocable(rows=True, required=("regex",)),
    "expect_column_pair_values_a_to_be_greater_than_b": Vocable(
        rows=True, names=("column_A", "column_B"), optional=("or_equal",)
    ),
    "expect_compound_columns_to_be_unique": Vocable(rows=True, names=("column_list",)),
}


def is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_name, value)) and len(set(value)) == len(value)


def _is_bound(value: Any) -> bool:
    return isinstance(value, (int, float, date)) and not isinstance(value, bool)


def _is_regex(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


SHAPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "column": ("the name of a column", is_name),
    "column_A": ("the name of a column", is_name),
    "column_B": ("the name of a column", is_name),
    "columns": ("a list of different columns", is_names),
    "column_list": ("a list of different columns", is_names),
    "text_columns_but": ("a list of different columns", is_names),
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
    "why": ("one sentence that says why", is_name),
    "may_be_empty": ("the reason why the table may be empty", is_name),
}
"""What each field must hold: in words, and as a test."""
