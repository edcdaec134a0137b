"""Faults of several rules planted in one table, so that one validation judges them all.

Each rule still sees what it sees in the table with its own fault only: no other fault is in a column that it reads, and
the number of rows is that of its own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.gates.rules import Rule
from tests.unit.gates.faults import planted


@dataclass(frozen=True)
class Fault:
    """One fault of one rule. `place`: position of the rule in its table. `seen`: the columns that show the fault to the
    rule, as its own table has them; for a rule of all text columns, the column with the planted text."""

    place: int
    rule: Rule
    table: pd.DataFrame
    seen: tuple[str, ...]

    def fits(self, columns: Mapping[str, pd.Series]) -> bool:
        return all(name not in columns or columns[name].equals(self.table[name]) for name in self.seen)


@dataclass
class Group:
    """Faults that one validation shows. `columns`: those that their rules read."""

    faults: list[Fault]
    columns: dict[str, pd.Series]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order of the suite, each once."""
        return tuple({fault.place: fault.rule for fault in self.faults}.values())

    def table(self) -> pd.DataFrame:
        return self.faults[0].table.assign(**self.columns)


def faults_of(rules: Sequence[Rule], clean: pd.DataFrame) -> Iterator[Fault]:
    """All faults of the rules of a table; `clean` is not changed."""
    for place, rule in enumerate(rules):
        for frame in planted(rule, clean):
            table = frame.reset_index(drop=True)
            yield Fault(place, rule, table, rule.columns if rule.text_columns_but is None else _changed(clean, table))


def grouped(faults: Sequence[Fault]) -> list[Group]:
    """The faults in few groups. A rule of all text columns has groups of its own: it would find the others' texts."""
    groups: dict[tuple[int, int | None], list[Group]] = {}
    for fault in faults:
        alike = groups.setdefault((len(fault.table), fault.place if fault.rule.text_columns_but else None), [])
        group = next((one for one in alike if fault.fits(one.columns)), None)
        if group is None:
            group = Group([], {})
            alike.append(group)
        group.faults.append(fault)
        group.columns |= {name: fault.table[name] for name in fault.seen}
    return [group for alike in groups.values() for group in alike]


def _changed(clean: pd.DataFrame, table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(name for name in table if name not in clean or not table[name].equals(clean[name]))
