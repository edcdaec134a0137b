"""What a gate expects, as plain data: rules of tables of gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pipelines.gates.vocabulary import VOCABULARY

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Condition:
    """The rows that a rule is about, as `column operator value`."""

    column: str
    operator: str
    value: Any

    def __str__(self) -> str:
        return f"{self.column} {self.operator} {self.value}"


@dataclass(frozen=True)
class Rule:
    """One expectation of one table.

    `arguments` go to Great Expectations as they are. `from_rows`: the rule speaks from this many rows on.
    `text_columns_but`: stands for one rule per text column of the table that is not named; then there is no column yet.
    """

    expectation: str
    severity: Severity
    why: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    where: Condition | None = None
    from_rows: int = 1
    text_columns_but: tuple[str, ...] | None = None

    @property
    def judged(self) -> tuple[str, ...]:
        """The columns that the rule is about."""
        names: list[str] = []
        for argument in VOCABULARY[self.expectation].names:
            value = self.arguments.get(argument, ())
            names.extend([value] if isinstance(value, str) else value)
        return tuple(names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule reads."""
        return (*self.judged, self.where.column) if self.where else self.judged


@dataclass(frozen=True)
class TableSuite:
    """The rules of one table. `may_be_empty`: why it may have no rows, or None."""

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
