"""Loads the suite of a gate, the rules for its tables, from `expectations/<gate>.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import expectations
from pipelines.errors import TierhouseError
from pipelines.gates.allowed_expectations import ALLOWED_EXPECTATIONS, COLUMN_FIELDS, FIELD_TYPES, ROW_COUNT, is_text
from pipelines.gates.rules import Condition, GateSuite, Rule, TableSuite
from pipelines.home.lined_yaml import Node, YamlFault, load_nodes
from pipelines.texts.shapes import PATTERNS

GATES = ("raw", "features", "scores", "history", "published")
SUITES_DIR = Path(expectations.__path__[0])

_CONDITION = re.compile(r"(?P<column>\w+)\s*(?P<operator>==|!=|>=|<=|>|<)\s*(?P<value>\S.*)")
_RULE_FIELDS = ("expectation", "severity", "why", "where", "from_rows")


class SuiteError(TierhouseError):
    """A file of expectations is not valid. The message names file, line and field."""


class _SuiteReader:
    """Reads one file. Every error names file, line and field."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def error(self, at: Node, name: str, expected: str, found: Any) -> SuiteError:
        field = _field(at, name)
        line = field.line if field else at.line
        shown = "nothing" if found is None else repr(found)
        reason = f"expected {expected}, found {shown}"
        return SuiteError(reason, file=self.path.name, line=line, field=name)

    def value(self, at: Node, name: str) -> Any:
        """The value of a field. Raises SuiteError if FIELD_TYPES does not accept it."""
        (expected, accepts), value = FIELD_TYPES[name], _plain(at, name)
        if not accepts(value):
            raise self.error(at, name, expected, value)
        return value

    def assert_known_fields(self, at: Node, names: tuple[str, ...]) -> None:
        for name, _ in at.items():
            if name not in names:
                raise self.error(at, name, f"one of {', '.join(names)}", name)

    def mappings(self, at: Node, name: str) -> list[Node]:
        field = _field(at, name)
        items = field.value if field else None
        if not isinstance(items, list) or not items or not all(isinstance(item.value, dict) for item in items):
            raise self.error(at, name, "a list of rules", _plain(at, name))
        return items

    def suite(self, gate: str) -> GateSuite:
        top = self.content()
        self.assert_known_fields(top, ("gate", "every_table", "tables"))
        if _plain(top, "gate") != gate:
            raise self.error(top, "gate", gate, _plain(top, "gate"))
        shared = tuple(self.rules(top, "every_table")) if "every_table" in top else ()
        tables = _field(top, "tables")
        if tables is None or not isinstance(tables.value, dict) or not tables.value:
            raise self.error(top, "tables", "a mapping of tables", _plain(top, "tables"))
        return GateSuite(gate, tuple(self.table(tables, name, at, shared) for name, at in tables.items()))

    def content(self) -> Node:
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            reason = f"expected a file of expectations at {self.path}, found none"
            raise SuiteError(reason, file=self.path.name) from error
        top, duplicate_keys = load_nodes(text)
        if duplicate_keys:
            raise duplicate_keys[0]
        if not isinstance(top.value, dict):
            found = type(top.plain()).__name__
            reason = f"expected the fields gate and tables, found {found}"
            raise SuiteError(reason, file=self.path.name, line=1)
        return top

    def table(self, tables: Node, name: str, at: Node, shared: tuple[Rule, ...]) -> TableSuite:
        if not isinstance(at.value, dict):
            raise self.error(tables, name, "the fields rules and, if needed, may_be_empty", at.plain())
        self.assert_known_fields(at, ("may_be_empty", "rules"))
        reason = self.value(at, "may_be_empty") if "may_be_empty" in at else None
        rules = (*self.rules(at, "rules"), *shared)
        fewest = 0 if reason else 1
        counts = [rule for rule in rules if rule.expectation == ROW_COUNT and rule.severity == "error"]
        if not any(rule.arguments.get("min_value", -1) >= fewest for rule in counts):
            raise self.error(
                at, "rules", f"{ROW_COUNT} of {name} with severity error and min_value {fewest} or more", None
            )
        return TableSuite(name, rules, reason)

    def rules(self, at: Node, name: str) -> Iterator[Rule]:
        for item in self.mappings(at, name):
            yield from self.rule(item)

    def rule(self, at: Node) -> Iterator[Rule]:
        expectation = _plain(at, "expectation")
        if expectation not in ALLOWED_EXPECTATIONS:
            raise self.error(at, "expectation", f"one of {', '.join(ALLOWED_EXPECTATIONS)}", expectation)
        spec = ALLOWED_EXPECTATIONS[expectation]
        has_one_column = spec.column_arguments == ("column",)
        column_fields = COLUMN_FIELDS if has_one_column else spec.column_arguments
        self.assert_known_fields(at, (*_RULE_FIELDS, *column_fields, *spec.arguments))
        if has_one_column and sum(name in at for name in COLUMN_FIELDS) != 1:
            raise self.error(at, "column", f"exactly one of {', '.join(COLUMN_FIELDS)}", _plain(at, "column"))
        if spec.has_bounds and not ("min_value" in at or "max_value" in at):
            raise self.error(at, "min_value", "min_value, max_value or both", None)
        required = [*spec.required, *(() if has_one_column else spec.column_arguments)]
        given = [argument for argument in (*spec.column_arguments, *spec.arguments) if argument in at]
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
        match = _CONDITION.fullmatch(text.strip()) if is_text(text) else None
        if not match:
            raise self.error(at, "where", "a comparison such as: churn_probability >= 0.35", text)
        return Condition(match["column"], match["operator"], yaml.safe_load(match["value"]))


def _field(at: Node, name: str) -> Node | None:
    return dict(at.items()).get(name)


def _plain(at: Node, name: str) -> Any:
    """The value of a field, null if the field is missing."""
    field = _field(at, name)
    return field.plain() if field else None


def load_suite(gate: str, folder: Path = SUITES_DIR) -> GateSuite:
    """Load the suite of one of GATES.

    Raises SuiteError with file, line and field, what was expected and what was found.
    """
    if gate not in GATES:
        raise SuiteError(f"expected one of the gates {', '.join(GATES)}, found {gate!r}")
    try:
        return _SuiteReader(folder / f"{gate}.yml").suite(gate)
    except YamlFault as fault:
        raise SuiteError(f"expected YAML, found: {fault.problem}", file=f"{gate}.yml", line=fault.line) from fault
