"""Reads one field of a mapping: the name of a column, or keys that say how to compute the value."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import duckdb

from pipelines.home.lined_yaml import Node
from pipelines.ingest.contract import NUMBER_TYPES, Field
from pipelines.ingest.errors import Faults
from pipelines.ingest.mapping.expressions import ExpressionError, columns_of, template_parts
from pipelines.ingest.mapping.formats import TIME_WORDS
from pipelines.ingest.mapping.source_mapping import FieldMapping, Rule
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.rules.currencies import iso_currency

VALUE_KEYS = ("column", "expr", "value", "template")
FIELD_KEYS = (*VALUE_KEYS, "format", "values", "default", "null_values", "scale", "decimal", "end")
KNOWN_AT = Field("known_at", "timestamp", required=True)
ENDS = ("low", "high")
ONLY_FOR = {"format": ("timestamp", "date"), "scale": NUMBER_TYPES, "decimal": NUMBER_TYPES, "end": NUMBER_TYPES}


def parse_field(
    field: Field, node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> FieldMapping | None:
    """Read the mapping of a field. Returns None, and records a fault, if the value has no usable origin."""
    if isinstance(node.value, str):
        return FieldMapping(field.name, node.line, column=node.value, reads=frozenset({node.value}))
    if not isinstance(node.value, dict):
        faults.add(node, place, f"expected a column or one of {', '.join(VALUE_KEYS)}, found nothing that fits")
        return None
    for key, value in node.items():
        if key not in FIELD_KEYS:
            faults.add(value, f"{place}.{key}", f"unknown key; expected one of {', '.join(FIELD_KEYS)}")
        elif key in ONLY_FOR and field.type not in ONLY_FOR[key]:
            faults.add(value, f"{place}.{key}", f"has no meaning for a {field.type} field")
    given = [key for key in VALUE_KEYS if key in node]
    text = node[given[0]].value if len(given) == 1 else None
    if not isinstance(text, str):
        faults.add(node, place, f"expected exactly one of {', '.join(VALUE_KEYS)}, found {', '.join(given) or 'none'}")
        return None
    (origin,) = given
    mapping = FieldMapping(
        name=field.name,
        line=node.line,
        column=text if origin == "column" else None,
        expr=text if origin == "expr" else None,
        value=text if origin == "value" else None,
        template=text if origin == "template" else None,
        format=_format(node, place, faults),
        values=_values(node, place, faults),
        default=_default(node, place, faults),
        null_values=parse_texts(node, "null_values", place, faults),
        scale=_scale(node, place, faults),
        decimal=_decimal(node, place, faults),
        end=_end(node, place, faults),
        reads=_reads(origin, text, node[origin], place, parser, faults),
    )
    _check_targets(field, mapping, node, place, faults)
    return mapping


def parse_known_at(
    node: Node | None, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> tuple[bool, FieldMapping | None]:
    """Read `history: true` or `history: {known_at: <SQL expression, or the keys of a field>}`.

    Returns whether the files are a history, and the mapping of `known_at` if there is one.
    """
    if node is None or node.value == "false":
        return False, None
    if node.value == "true":
        return True, None
    inner = node.get("known_at") if isinstance(node.value, dict) and len(node.value) == 1 else None
    if inner is None:
        faults.add(node, "history", "expected true, false or {known_at: ...}")
        return False, None
    if isinstance(inner.value, str):
        inner = Node({"expr": inner}, inner.line)
    return True, parse_field(KNOWN_AT, inner, "history.known_at", parser, faults)


def parse_rules(node: Node | None, entity: str, parser: duckdb.DuckDBPyConnection, faults: Faults) -> tuple[Rule, ...]:
    """Read the named conditions over the columns of the file."""
    if node is None:
        return ()
    if not isinstance(node.value, dict):
        faults.add(node, f"{entity}.rules", "expected names with SQL conditions")
        return ()
    read = [
        parse_condition(name, condition, f"{entity}.rules.{name}", parser, faults) for name, condition in node.items()
    ]
    return tuple(rule for rule in read if rule)


def parse_condition(
    name: str, node: Node | None, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> Rule | None:
    """Read a SQL condition over the columns of the file. Returns None if there is none, or if it is not text."""
    if node is None:
        return None
    if not isinstance(node.value, str):
        faults.add(node, place, "expected a SQL condition")
        return None
    _reads("expr", node.value, node, place, parser, faults)
    return Rule(name, node.value, node.line)


def _reads(
    origin: str, text: str, node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> frozenset[str]:
    try:
        if origin == "expr":
            return columns_of(parser, text)
        if origin == "template":
            return frozenset(name for _, name in template_parts(text) if name)
    except ExpressionError as error:
        faults.add(node, place, f"{error}: {text}")
    return frozenset({text}) if origin == "column" else frozenset()


def _format(node: Node, place: str, faults: Faults) -> str | tuple[str, ...] | None:
    given = node.get("format")
    if given is None:
        return None
    items = given.value if isinstance(given.value, list) else [given]
    patterns = [_pattern(item, f"{place}.format", faults) for item in items]
    if not patterns:
        faults.add(given, f"{place}.format", "expected one or more patterns, found none")
    return tuple(patterns) if isinstance(given.value, list) else patterns[0]


def _pattern(given: Node, place: str, faults: Faults) -> str:
    if given.value in TIME_WORDS:
        return given.value
    if not isinstance(given.value, str) or "%" not in given.value:
        words = ", ".join(TIME_WORDS)
        faults.add(given, place, f"expected a strptime pattern such as %d-%m-%Y %H:%M, or one of {words}")
        return ""
    try:
        with duckdb.connect() as connection:
            connection.execute("SELECT try_strptime('', ?::VARCHAR)", [given.value])
    except duckdb.Error as error:
        faults.add(given, place, str(error).splitlines()[0])
    return given.value


def _values(node: Node, place: str, faults: Faults) -> tuple[tuple[str, str | None], ...] | None:
    given = node.get("values")
    if given is None:
        return None
    if not isinstance(given.value, dict) or not given.value:
        faults.add(given, f"{place}.values", "expected source values with their translations")
        return None
    for key, value in given.items():
        if isinstance(value.value, (list, dict)):
            faults.add(value, f"{place}.values.{key}", "expected text")
    # A blank translation is null, as a blank cell is.
    texts = [(key, value.value) for key, value in given.items() if not isinstance(value.value, (list, dict))]
    return tuple((key, (text or "").strip() or None) for key, text in texts)


def _default(node: Node, place: str, faults: Faults) -> str | None:
    """Read the translation of every value that `values` does not list. Returns None if there is none."""
    given = node.get("default")
    if given is None:
        return None
    if "values" not in node:
        faults.add(given, f"{place}.default", "needs `values` beside it: it translates what they do not list")
        return None
    text = given.value.strip() if isinstance(given.value, str) else ""
    if not text:
        faults.add(given, f"{place}.default", "expected text, the translation of every value that is not listed")
    return text or None


def parse_texts(node: Node, key: str, place: str, faults: Faults) -> tuple[str, ...]:
    """Read the list of texts at a key. Returns an empty tuple if there is none."""
    given = node.get(key)
    if given is None:
        return ()
    if not isinstance(given.value, list) or any(isinstance(item.value, (list, dict)) for item in given.value):
        faults.add(given, f"{place}.{key}", "expected a list of texts")
        return ()
    return tuple(item.value for item in given.value if isinstance(item.value, str) and item.value)


def _scale(node: Node, place: str, faults: Faults) -> Decimal | None:
    given = node.get("scale")
    if given is None:
        return None
    try:
        scale = Decimal(given.value) if isinstance(given.value, str) else Decimal(0)
    except InvalidOperation:
        scale = Decimal(0)
    if not scale.is_finite() or scale <= 0:
        faults.add(given, f"{place}.scale", f"expected a positive number, found {_shown(given)}")
    return scale


def _decimal(node: Node, place: str, faults: Faults) -> str | None:
    given = node.get("decimal")
    if given is None:
        return None
    if isinstance(given.value, str) and given.value in DECIMAL_MARKS:
        return given.value
    faults.add(given, f"{place}.decimal", f"expected the decimal mark, '.' or ',', found {_shown(given)}")
    return None


def _end(node: Node, place: str, faults: Faults) -> str | None:
    given = node.get("end")
    if given is None or given.value in ENDS:
        return given.value if given is not None and isinstance(given.value, str) else None
    faults.add(given, f"{place}.end", f"expected low or high, the end of a range, found {_shown(given)}")
    return None


def _shown(node: Node) -> str:
    return "a list or keys" if isinstance(node.value, (list, dict)) else repr(node.value)


def _check_targets(field: Field, mapping: FieldMapping, node: Node, place: str, faults: Faults) -> None:
    """Record a fault for each constant and translation that the contract does not allow."""
    if field.values is None and field.type != "currency":
        return
    allowed = "a currency of ISO 4217" if field.values is None else f"one of {', '.join(field.values)}"
    targets = [("value", mapping.value)] if mapping.value else []
    targets += [("default", mapping.default)] if mapping.default else []
    targets += [(f"values.{source}", target) for source, target in mapping.values or ()]
    for where, target in targets:
        is_allowed = target is None or (iso_currency(target) if field.values is None else target in field.values)
        if not is_allowed:
            at = node[where] if where in ("value", "default") else node["values"][where.removeprefix("values.")]
            faults.add(at, f"{place}.{where}", f"expected {allowed}, found {target!r}")
