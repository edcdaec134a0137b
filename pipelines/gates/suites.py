"""Suites: what each gate expects of its tables, loaded from `expectations/<gate>.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import expectations
from pipelines.errors import TierhouseError
from pipelines.gates.rules import Condition, GateSuite, Rule, TableSuite
from pipelines.gates.vocabulary import COLUMN_FIELDS, ROW_COUNT, SHAPES, VOCABULARY, is_name
from pipelines.home.lined_yaml import Node, YamlFault, load_nodes
from pipelines.texts.shapes import PATTERNS

GATES = ("raw", "features", "scores", "history", "published")
EXPECTATIONS = Path(expectations.__path__[0])

_CONDITION = re.compile(r"(?P<column>\w+)\s*(?P<operator>==|!=|>=|<=|>|<)\s*(?P<value>\S.*)")
_RULE_FIELDS = ("expectation", "severity", "why", "where", "from_rows")


class SuiteError(TierhouseError):
    """A file of expectations cannot be used: the message names file, line and field."""


class _Reader:
    """Reads one file; every error names file, line and field."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def error(self, at: Node, name: str, expected: str, found: Any) -> SuiteError:
        line = at.value[name].line if name in at else at.line
        shown = "nothing" if found is None else repr(found)
        return SuiteError(f"{self.path.name}, line {line}, field {name}: expected {expected}, found {shown}")

    def value(self, at: Node, name: str) -> Any:
        """A field of the shape that SHAPES tells."""
        (expected, fits), value = SHAPES[name], _plain(at, name)
        if not fits(value):
            raise self.error(at, name, expected, value)
        return value

    def known(self, at: Node, names: tuple[str, ...]) -> None:
        for name, _ in at.items():
            if name not in names:
                raise self.error(at, name, f"one of {', '.join(names)}", name)

    def mappings(self, at: Node, name: str) -> list[Node]:
        items = at.value[name].value if name in at else None
        if not isinstance(items, list) or not items or not all(isinstance(item.value, dict) for item in items):
            raise self.error(at, name, "a list of rules", _plain(at, name))
        return items

    def suite(self, gate: str) -> GateSuite:
        top = self.content()
        self.known(top, ("gate", "every_table", "tables"))
        if _plain(top, "gate") != gate:
            raise self.error(top, "gate", gate, _plain(top, "gate"))
        shared = tuple(self.rules(top, "every_table")) if "every_table" in top else ()
        tables = top.value.get("tables")
        if tables is None or not isinstance(tables.value, dict) or not tables.value:
            raise self.error(top, "tables", "a mapping of tables", _plain(top, "tables"))
        return GateSuite(gate, tuple(self.table(tables, name, shared) for name in tables.value))

    def content(self) -> Node:
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise SuiteError(f"{self.path.name}: expected a file of expectations at {self.path}, found none") from error
        top, twice = load_nodes(text)
        if twice:
            raise twice[0]
        if not isinstance(top.value, dict):
            found = type(top.plain()).__name__
            raise SuiteError(f"{self.path.name}, line 1: expected the fields gate and tables, found {found}")
        return top

    def table(self, tables: Node, name: str, shared: tuple[Rule, ...]) -> TableSuite:
        at = tables.value[name]
        if not isinstance(at.value, dict):
            raise self.error(tables, name, "the fields rules and, where it is so, may_be_empty", at.plain())
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

    def rules(self, at: Node, name: str) -> Iterator[Rule]:
        for item in self.mappings(at, name):
            yield from self.rule(item)

    def rule(self, at: Node) -> Iterator[Rule]:
        expectation = _plain(at, "expectation")
        if expectation not in VOCABULARY:
            raise self.error(at, "expectation", f"one of {', '.join(VOCABULARY)}", expectation)
        vocable = VOCABULARY[expectation]
        about = COLUMN_FIELDS if vocable.names == ("column",) else vocable.names
        self.known(at, (*_RULE_FIELDS, *about, *vocable.arguments))
        if vocable.names == ("column",) and sum(name in at for name in COLUMN_FIELDS) != 1:
            raise self.error(at, "column", f"exactly one of {', '.join(COLUMN_FIELDS)}", _plain(at, "column"))
        if vocable.bounds and not ("min_value" in at or "max_value" in at):
            raise self.error(at, "min_value", "min_value, max_value or both", None)
        required = [*vocable.required, *(vocable.names if vocable.names != ("column",) else ())]
        given = [argument for argument in (*vocable.names, *vocable.arguments) if argument in at]
        arguments = {name: self.value(at, name) for name in dict.fromkeys([*required, *given])}
        if "regex" in arguments:
            arguments["regex"] = PATTERNS.get(arguments["regex"], arguments["regex"])
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

    def condition(self, at: Node) -> Condition:
        text = _plain(at, "where")
        match = _CONDITION.fullmatch(text.strip()) if is_name(text) else None
        if not match:
            raise self.error(at, "where", "a comparison such as: churn_probability >= 0.35", text)
        return Condition(match["column"], match["operator"], yaml.safe_load(match["value"]))


def _plain(at: Node, name: str) -> Any:
    """A field as a plain value; None where there is none."""
    return at.value[name].plain() if name in at else None


def load_suite(gate: str, folder: Path = EXPECTATIONS) -> GateSuite:
    """The suite of one of GATES.

    Raises SuiteError that names file, line and field, with what was expected and what was found.
    """
    if gate not in GATES:
        raise SuiteError(f"expected one of the gates {', '.join(GATES)}, found {gate!r}")
    try:
        return _Reader(folder / f"{gate}.yml").suite(gate)
    except YamlFault as fault:
        raise SuiteError(f"{gate}.yml, line {fault.line}: expected YAML, found: {fault.problem}") from fault
