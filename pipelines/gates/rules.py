"""The rules of a gate as plain data: gate → tables → rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pipelines.gates.allowed_expectations import ALLOWED_EXPECTATIONS

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Condition:
    """The rows that a rule checks, as `column operator value`."""

    column: str
    operator: str
    value: Any

    def __str__(self) -> str:
        return f"{self.column} {self.operator} {self.value}"


@dataclass(frozen=True)
class Rule:
    """One expectation of one table.

    `arguments`: passed to Great Expectations unchanged. `from_rows`: with fewer rows the rule is skipped.
    `text_columns_but`: the rule is applied to each text column of the table except these; `arguments` has no column.
    """

    expectation: str
    severity: Severity
    why: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    where: Condition | None = None
    from_rows: int = 1
    text_columns_but: tuple[str, ...] | None = None

    @property
    def checked_columns(self) -> tuple[str, ...]:
        """The columns that the rule checks."""
        names: list[str] = []
        for argument in ALLOWED_EXPECTATIONS[self.expectation].column_arguments:
            value = self.arguments.get(argument, ())
            names.extend([value] if isinstance(value, str) else value)
        return tuple(names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule reads: the checked ones and the column of its condition."""
        return (*self.checked_columns, self.where.column) if self.where else self.checked_columns


@dataclass(frozen=True)
class TableSuite:
    """The rules of one table. `may_be_empty`: the reason why the table may have no rows, else None."""

    table: str
    rules: tuple[Rule, ...]
    may_be_empty: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rules name, in order of first mention."""
        return tuple(dict.fromkeys(column for rule in self.rules for column in rule.columns))


@dataclass(frozen=True)
class GateSuite:
    """The tables of one gate."""

    gate: str
    tables: tuple[TableSuite, ...]
