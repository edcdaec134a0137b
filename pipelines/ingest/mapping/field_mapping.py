"""Reads one field of a mapping: a column's name, or keys that say how the value is made."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import duckdb

from pipelines.home.lined_yaml import Node
from pipelines.ingest.contract import NUMBER_TYPES, Field
from pipelines.ingest.errors import Faults
from pipelines.ingest.mapping.expressions import ExpressionError, columns_of, template_parts
from pipelines.ingest.mapping.source_mapping import FieldMapping, Rule
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.rules.currencies import iso_currency

WAYS = ("column", "expr", "value", "template")
FIELD_KEYS = (*WAYS, "format", "values", "null_values", "scale", "decimal")
KNOWN_AT = Field("known_at", "timestamp", required=True)
ONLY_FOR = {"format": ("timestamp", "date"), "scale": NUMBER_TYPES, "decimal": NUMBER_TYPES}


def parse_field(
    field: Field, node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> FieldMapping | None:
    """The field's mapping, or None where a fault was recorded that leaves nothing to use."""
    if isinstance(node.value, str):
        return FieldMapping(field.name, node.line, column=node.value, reads=frozenset({node.value}))
    if not isinstance(node.value, dict):
        faults.add(node, place, f"expected a column or one of {', '.join(WAYS)}, found nothing that fits")
        return None
    for key, value in node.items():
        if key not in FIELD_KEYS:
            faults.add(value, f"{place}.{key}", f"unknown key; expected one of {', '.join(FIELD_KEYS)}")
        elif key in ONLY_FOR and field.type not in ONLY_FOR[key]:
            faults.add(value, f"{place}.{key}", f"has no meaning for a {field.type} field")
    given = [key for key in WAYS if key in node]
    if len(given) != 1 or not isinstance(node.value[given[0]].value, str):
        faults.add(node, place, f"expected exactly one of {', '.join(WAYS)}, found {', '.join(given) or 'none'}")
        return None
    way, text = given[0], node.value[given[0]].value
    mapping = FieldMapping(
        name=field.name,
        line=node.line,
        **{way: text},
        format=_format(node, place, faults),
        values=_values(node, place, faults),
        null_values=parse_texts(node, "null_values", place, faults),
        scale=_scale(node, place, faults),
        decimal=_decimal(node, place, faults),
        reads=_reads(way, text, node.value[way], place, parser, faults),
    )
    _check_targets(field, mapping, node, place, faults)
    return mapping


def parse_known_at(
    node: Node | None, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> tuple[bool, FieldMapping | None]:
    """`history: true`, or `history: {known_at: <SQL expression, or keys as of a field>}`."""
    if node is None or node.value == "false":
        return False, None
    if node.value == "true":
        return True, None
    inner = node.value.get("known_at") if isinstance(node.value, dict) and len(node.value) == 1 else None
    if inner is None:
        faults.add(node, "history", "expected true, false or {known_at: ...}")
        return False, None
    if isinstance(inner.value, str):
        inner = Node({"expr": inner}, inner.line)
    return True, parse_field(KNOWN_AT, inner, "history.known_at", parser, faults)


def parse_rules(node: Node | None, entity: str, parser: duckdb.DuckDBPyConnection, faults: Faults) -> tuple[Rule, ...]:
    """Named conditions over the columns of the file."""
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
    """A SQL condition over the columns of the file, or None where there is none."""
    if node is None:
        return None
    if not isinstance(node.value, str):
        faults.add(node, place, "expected a SQL condition")
        return None
    _reads("expr", node.value, node, place, parser, faults)
    return Rule(name, node.value, node.line)


def _reads(
    way: str, text: str, node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults
) -> frozenset[str]:
    try:
        if way == "expr":
            return columns_of(parser, text)
        if way == "template":
            return frozenset(name for _, name in template_parts(text) if name)
    except ExpressionError as error:
        faults.add(node, place, f"{error}: {text}")
    return frozenset({text}) if way == "column" else frozenset()


def _format(node: Node, place: str, faults: Faults) -> str | None:
    found = node.value.get("format")
    if found is None:
        return None
    if not isinstance(found.value, str) or "%" not in found.value:
        faults.add(found, f"{place}.format", "expected a strptime pattern such as %d-%m-%Y %H:%M")
        return None
    try:
        with duckdb.connect() as connection:
            connection.execute("SELECT try_strptime('', ?::VARCHAR)", [found.value])
    except duckdb.Error as error:
        faults.add(found, f"{place}.format", str(error).splitlines()[0])
    return found.value


def _values(node: Node, place: str, faults: Faults) -> tuple[tuple[str, str | None], ...] | None:
    found = node.value.get("values")
    if found is None:
        return None
    if not isinstance(found.value, dict) or not found.value:
        faults.add(found, f"{place}.values", "expected source values with their translations")
        return None
    for key, value in found.items():
        if isinstance(value.value, (list, dict)):
            faults.add(value, f"{place}.values.{key}", "expected text")
    # A blank translation means nothing, as a blank cell does.
    texts = [(key, value.value) for key, value in found.items() if not isinstance(value.value, (list, dict))]
    return tuple((key, (text or "").strip() or None) for key, text in texts)


def parse_texts(node: Node, key: str, place: str, faults: Faults) -> tuple[str, ...]:
    """The list of texts at a key; empty where there is none."""
    found = node.value.get(key)
    if found is None:
        return ()
    if not isinstance(found.value, list) or any(isinstance(item.value, (list, dict)) for item in found.value):
        faults.add(found, f"{place}.{key}", "expected a list of texts")
        return ()
    return tuple(item.value for item in found.value if item.value)


def _scale(node: Node, place: str, faults: Faults) -> Decimal | None:
    found = node.value.get("scale")
    if found is None:
        return None
    try:
        scale = Decimal(found.value)
    except (InvalidOperation, TypeError):
        scale = Decimal(0)
    if not scale.is_finite() or scale <= 0:
        faults.add(found, f"{place}.scale", f"expected a positive number, found {found.value!r}")
    return scale


def _decimal(node: Node, place: str, faults: Faults) -> str | None:
    found = node.value.get("decimal")
    if found is None or found.value in DECIMAL_MARKS:
        return None if found is None else found.value
    faults.add(found, f"{place}.decimal", f"expected the decimal mark, '.' or ',', found {found.value!r}")
    return None


def _check_targets(field: Field, mapping: FieldMapping, node: Node, place: str, faults: Faults) -> None:
    """Constants and translations must be what the contract allows."""
    if field.values is None and field.type != "currency":
        return
    allowed = "a currency of ISO 4217" if field.values is None else f"one of {', '.join(field.values)}"
    targets = [("value", mapping.value)] if mapping.value else []
    targets += [(f"values.{source}", target) for source, target in mapping.values or ()]
    for where, target in targets:
        is_allowed = target is None or (iso_currency(target) if field.values is None else target in field.values)
        if not is_allowed:
            at = node.value["values"].value[where.removeprefix("values.")] if where != "value" else node.value["value"]
            faults.add(at, f"{place}.{where}", f"expected {allowed}, found {target!r}")
