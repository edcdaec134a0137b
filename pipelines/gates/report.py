"""The report of a gate: names, limits and counts, never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.gates.rules import Severity


@dataclass(frozen=True)
class Outcome:
    """The result of one rule of one table.

    `column`: the checked columns, None for a rule about the table. `checked`: number of checked rows. `failed`: number
    of rows that break the rule; None for a rule about the table as a whole and for one that could not be checked.
    These have a `finding` instead: what was found and what was expected.
    """

    gate: str
    table: str
    expectation: str
    column: str | None
    severity: Severity
    success: bool
    checked: int
    failed: int | None
    finding: str | None
    why: str

    @property
    def place(self) -> str:
        return ".".join(filter(None, (self.gate, self.table, self.column)))

    def __str__(self) -> str:
        finding = self.finding or f"{self.failed:,} of {self.checked:,} rows failed"
        return f"{self.place}: {self.expectation}: {finding} ({self.severity})"


@dataclass(frozen=True)
class GateReport:
    """All outcomes of one gate in the order of the suite. A gate passes if it has outcomes and none is an error."""

    gate: str
    outcomes: tuple[Outcome, ...]

    @property
    def errors(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.success and outcome.severity == "error")

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.success and outcome.severity == "warning")

    @property
    def passed(self) -> bool:
        return bool(self.outcomes) and not self.errors

    def summary(self) -> str:
        """One line per failing outcome, errors first. Without failures, one line with the number of checks."""
        failing = [*self.errors, *self.warnings]
        if failing:
            return "\n".join(map(str, failing))
        tables = len({outcome.table for outcome in self.outcomes})
        return f"{self.gate}: all {len(self.outcomes):,} expectations of {tables} tables passed"

    def table(self) -> str:
        """Markdown: one line per table, then one line per failing outcome with the reason of the rule."""
        lines = ["| table | rows | expectations | errors | warnings |", "|---|---:|---:|---:|---:|"]
        for name in dict.fromkeys(outcome.table for outcome in self.outcomes):
            outcomes = [outcome for outcome in self.outcomes if outcome.table == name]
            errors, warnings = (sum(outcome in group for outcome in outcomes) for group in (self.errors, self.warnings))
            rows = max(outcome.checked for outcome in outcomes)
            lines.append(f"| {name} | {rows:,} | {len(outcomes)} | {errors} | {warnings} |")
        failing = [*self.errors, *self.warnings]
        if failing:
            lines += ["", *(f"- {outcome}: {outcome.why}" for outcome in failing)]
        return "\n".join(lines)
