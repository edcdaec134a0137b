"""Suites: what each gate expects of its tables, loaded from `expectations/<gate>.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

import expectations
from pipelines.gates.lined_yaml import Lined, SuiteError, read_lined
from pipelines.gates.rules import Condition, GateSuite, Rule, TableSuite
from pipelines.gates.vocabulary import COLUMN_FIELDS, ROW_COUNT, SHAPES, VOCABULARY, is_name

GATES = ("raw", "features", "scores", "published")
EXPECTATIONS = Path(expectations.__path__[0])

_CONDITION = re.compile(r"(?P<column>\w+)\s*(?P<operator>==|!=|>=|<=|>|<)\s*(?P<value>\S.*)")
_RULE_FIELDS = ("expectation", "severity", "why", "where", "from_rows")


class _Reader:
    """Reads one file; every error names file, line and field."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def content(self) -> Lined:
        return read_lined(self.path)

    def error(self, at: Lined, name: str, expected: str, found: Any) -> SuiteError:
        shown = "nothing" if found is None else repr(found)
        return SuiteError(
            f"{self.path.name}, line {at.line_of(name)}, field {name}: expected {expected}, found {shown}"
        )

    def value(self, at: Lined, name: str) -> Any:
        """A field of the shape that SHAPES tells."""
        expected, fits = SHAPES[name]
        if not fits(at.get(name)):
            raise self.error(at, name, expected, at.get(name))
        return at[name]

    def known(self, at: Lined, names: tuple[str, ...]) -> None:
        for name in at:
            if name not in names:
                raise self.error(at, name, f"one of {', '.join(names)}", name)

    def mappings(self, at: Lined, name: str) -> list[Lined]:
        items = at.get(name)
        if not isinstance(items, list) or not items or not all(isinstance(item, Lined) for item in items):
            raise self.error(at, name, "a list of rules", items)
        return items

    def suite(self, gate: str) -> GateSuite:
        top = self.content
        self.known(top, ("gate", "every_table", "tables"))
        if top.get("gate") != gate:
            raise self.error(top, "gate", gate, top.get("gate"))
        shared = tuple(self.rules(top, "every_table")) if "every_table" in top else ()
        tables = top.get("tables")
        if not isinstance(tables, Lined) or not tables:
            raise self.error(top, "tables", "a mapping of tables", tables)
        return GateSuite(gate, tuple(self.table(tables, name, shared) for name in tables))

    def table(self, tables: Lined, name: str, shared: tuple[Rule, ...]) -> TableSuite:
        at = tables[name]
        if not isinstance(at, Lined):
            raise self.error(tables, name, "the fields rules and, where it is so, may_be_empty", at)
        self.known(at, ("may_be_empty", "rules"))
        reason = self.value(at, "may_be_empty") if "may_be_empty" in at else None
        rules = (*self.rules(at, "rules"), *shared)
        least = 0 if reason else 1
        counts = [rule for rule in rules if rule.expectation == ROW_COUNT and rule.severity == "error"]
        if not any(rule.arguments.get("min_value", -1) >= least for rule in counts):
            raise self.error(
                at, "rules", f"{ROW_COUNT} of {name} with severity error and min_value {least} or more", None
            )
        return TableSuite(name, rules, reason)

    def rules(self, at: Lined, name: str) -> Iterator[Rule]:
        for item in self.mappings(at, name):
            yield from self.rule(item)

    def rule(self, at: Lined) -> Iterator[Rule]:
        expectation = at.get("expectation")
        if expectation not in VOCABULARY:
            raise self.error(at, "expectation", f"one of {', '.join(VOCABULARY)}", expectation)
        vocable = VOCABULARY[expectation]
        about = COLUMN_FIELDS if vocable.names == ("column",) else vocable.names
        self.known(at, (*_RULE_FIELDS, *about, *vocable.arguments))
        if vocable.names == ("column",) and sum(name in at for name in COLUMN_FIELDS) != 1:
            raise self.error(at, "column", f"exactly one of {', '.join(COLUMN_FIELDS)}", at.get("column"))
        if vocable.bounds and not {"min_value", "max_value"} & at.keys():
            raise self.error(at, "min_value", "min_value, max_value or both", None)
        required = [*vocable.required, *(vocable.names if vocable.names != ("column",) else ())]
        given = [argument for argument in (*vocable.names, *vocable.arguments) if argument in at]
        arguments = {name: self.value(at, name) for name in dict.fromkeys([*required, *given])}
        rule = {
            "expectation": expectation,
            "severity": self.value(at, "severity"),
            "why": self.value(at, "why"),
            "where": self.condition(at) if "where" in at else None,
            "from_rows": self.value(at, "from_rows") if "from_rows" in at else 1,
        }
        if "columns" in at:
            for column in self.value(at, "columns"):
                yield Rule(arguments={"column": column, **arguments}, **rule)
        elif "text_columns_but" in at:
            yield Rule(arguments=arguments, text_columns_but=tuple(self.value(at, "text_columns_but")), **rule)
        else:
            yield Rule(arguments=arguments, **rule)

    def condition(self, at: Lined) -> Condition:
        text = at["where"]
        match = _CONDITION.fullmatch(text.strip()) if is_name(text) else None
        if not match:
            raise self.error(at, "where", "a comparison such as: churn_probability >= 0.35", text)
        return Condition(match["column"], match["operator"], yaml.safe_load(match["value"]))


def load_suite(gate: str, folder: Path = EXPECTATIONS) -> GateSuite:
    """The suite of one of GATES.

    Raises SuiteError that names file, line and field, with what was expected and what was found.
    """
    if gate not in GATES:
        raise SuiteError(f"expected one of the gates {', '.join(GATES)}, found {gate!r}")
    return _Reader(folder / f"{gate}.yml").suite(gate)
