"""What a gate found: names, bars and counts, never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.gates.rules import Severity


@dataclass(frozen=True)
class Outcome:
    """One rule of one table, judged.

    `column`: what it is about, None for the table. `checked`: rows looked at. `failed`: rows that broke the rule, None
    where it judges the table as a whole or could not be judged. `finding`: for those, what was found and expected.
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
        found = self.finding or f"{self.failed:,} of {self.checked:,} rows failed"
        return f"{self.place}: {self.expectation}: {found} ({self.severity})"


@dataclass(frozen=True)
class GateReport:
    """Every outcome of one gate, in the order of the suite. A gate passes when no error is among them."""

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
        """One line per failing outcome, errors first; else one line that says how much was checked."""
        failing = [*self.errors, *self.warnings]
        if failing:
            return "\n".join(map(str, failing))
        tables = len({outcome.table for outcome in self.outcomes})
        return f"{self.gate}: all {len(self.outcomes):,} expectations of {tables} tables hold"

    def table(self) -> str:
        """Markdown: one line per table, then one per failing outcome with the reason for the rule."""
        lines = ["| table | rows | expectations | errors | warnings |", "|---|---:|---:|---:|---:|"]
        for name in dict.fromkeys(outcome.table for outcome in self.outcomes):
            mine = [outcome for outcome in self.outcomes if outcome.table == name]
            errors, warnings = (sum(one in group for one in mine) for group in (self.errors, self.warnings))
            rows = max(outcome.checked for outcome in mine)
            lines.append(f"| {name} | {rows:,} | {len(mine)} | {errors} | {warnings} |")
        failing = [*self.errors, *self.warnings]
        if failing:
            lines += ["", *(f"- {outcome}: {outcome.why}" for outcome in failing)]
        return "\n".join(lines)
