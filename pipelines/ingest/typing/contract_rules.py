"""SQL that lists the rules that a row breaks: rules of the contract, field by field, then rules of the mapping."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import NUMBER_TYPES, Field
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping, Rule
from pipelines.ingest.typing.emptied import BETWEEN_FAULTS, BETWEEN_PARTS
from pipelines.ingest.typing.numbers import digits_lost, has_marks, is_ambiguous, shows_decimal_comma
from pipelines.messages import EMAIL_LIKE, LONGEST, PATTERN_LENGTH

DAY = timedelta(days=1)
_STATE_DECIMAL = "state `decimal` in the mapping to read thousands marks or a decimal comma"
_AMBIGUOUS = f"a number that reads one way: other rows have points between thousands; {_STATE_DECIMAL}"
_CUT_OFF = "all digits: a spreadsheet shows only the first ones; give the column the format of text, and export again"
_WANTED = {
    "money": "an amount",
    "integer": "a whole number",
    "boolean": "yes or no",
    "currency": "a currency of ISO 4217 such as CNY; translate other names with `values`",
}


@dataclass(frozen=True)
class Fault:
    """One rule that a row breaks. `found` is empty if there is no value, or if the field is restricted."""

    rule: str
    field: str
    expected: str
    found: str


def parse_faults(text: str) -> list[Fault]:
    """Read the faults from the text that `faults_sql` writes, in order."""
    return [Fault(*fault.split(BETWEEN_PARTS)) for fault in text.split(BETWEEN_FAULTS)]


def shape_sql(text: str) -> str:
    """SQL for `pipelines.messages.shape_of` of a text that is not empty."""
    masked = f"regexp_replace(regexp_replace({text}, '\\p{{Nd}}', '0', 'g'), '\\p{{L}}', 'a', 'g')"
    length = f"length({text})"
    return f"""CASE
        WHEN regexp_full_match({text}, '{EMAIL_LIKE}') THEN 'e-mail like'
        WHEN regexp_full_match({text}, '\\p{{Nd}}+')
            THEN {length} || CASE WHEN {length} = 1 THEN ' digit' ELSE ' digits' END
        WHEN {length} <= {PATTERN_LENGTH} AND regexp_matches({text}, '\\p{{Nd}}') THEN 'text like ' || {masked}
        WHEN {length} >= {LONGEST} THEN 'text of at least {LONGEST} characters'
        ELSE 'text of ' || {length} || CASE WHEN {length} = 1 THEN ' character' ELSE ' characters' END
    END"""


def source_text(name: str) -> str:
    """SQL name of the column with the text of a field, before typing."""
    return identifier(f"s:{name}")


def failed_expression(name: str) -> str:
    """SQL name of the flag that says that the expression of a field failed on a row."""
    return identifier(f"e:{name}")


def faults_sql(mapping: EntityMapping, known_at: FieldMapping | None, ambiguous: Collection[str] = ()) -> str:
    """SQL for one text with all faults of a row; null if there are none. Raw columns and typed fields are in scope.

    The faults of fields that a bad value empties are left out (`emptying_sql`).
    `ambiguous`: the number fields whose column shows another locale in other rows (`another_locale_sql`).
    """
    cases = []
    for field in mapping.entity.fields:
        mapped = mapping.field(field.name)
        if mapped is not None and not mapping.entity.empties(field):
            cases += _all_cases(mapping, field, mapped, ambiguous)
    if known_at is not None:
        cases += _field_cases(Field("known_at", "timestamp"), known_at, required=True)
    cases += [_rule_case(rule, position) for position, rule in enumerate(mapping.rules)]
    return f"nullif(concat_ws({literal(BETWEEN_FAULTS)}, {', '.join(cases)}), '')" if cases else "NULL"


def emptying_sql(mapping: EntityMapping, ambiguous: Collection[str] = ()) -> dict[str, str]:
    """SQL for the first fault of each field that a bad value empties; null if the value fits. `ambiguous`: as above."""
    result = {}
    for field in mapping.entity.fields:
        mapped = mapping.field(field.name)
        if mapped is not None and mapping.entity.empties(field):
            cases = _all_cases(mapping, field, mapped, ambiguous)
            if cases:
                result[field.name] = f"coalesce({', '.join(cases)})"
    return result


def another_locale_sql(field: str, faults: str) -> str:
    """SQL for whether the faults of a row show a number with points between thousands, or with a decimal comma."""
    start = BETWEEN_PARTS.join(["type", field, ""])
    pattern = f"{start}[^{BETWEEN_PARTS}]*{BETWEEN_PARTS}([^{BETWEEN_FAULTS}]*)"
    return shows_decimal_comma(f"regexp_extract({faults}, {literal(pattern)}, 1)")


def rule_flag(position: int) -> str:
    """SQL name of the flag that says that a row meets the rule of the mapping at this position."""
    return identifier(f"r:{position}")


def _all_cases(mapping: EntityMapping, field: Field, mapped: FieldMapping, ambiguous: Collection[str]) -> list[str]:
    cases = _field_cases(field, mapped, required=field.required or field.name == mapping.entity.key)
    if field.name in ambiguous:
        text = source_text(field.name)
        cases.append(_case(field, "type", is_ambiguous(text), _AMBIGUOUS, text))
    return cases


def _field_cases(field: Field, mapping: FieldMapping, *, required: bool) -> list[str]:
    text, typed = source_text(field.name), identifier(field.name)
    cases = []
    failed = "false"
    if mapping.expr is not None:
        failed = failed_expression(field.name)
        cases.append(_case(field, "expression", failed, f"a row that the expression fits: {_one_line(mapping.expr)}"))
    if required:
        cases.append(_case(field, "required", f"{text} IS NULL AND NOT {failed}", "a value"))
    translated = "true"
    to_null = [literal(source) for source, target in mapping.values or () if target is None]
    if mapping.values is not None and mapping.default is None:
        known = ", ".join(literal(source) for source, _ in mapping.values)
        translated = f"{text} IN ({known})"
        cases.append(_case(field, "translation", f"NOT {translated}", "a value that the mapping translates", text))
    if to_null and required:
        cases.append(_case(field, "required", f"{text} IN ({', '.join(to_null)})", "a value", text))
    if field.type != "text":
        condition = f"{text} IS NOT NULL AND {typed} IS NULL AND {translated}"
        condition += f" AND {text} NOT IN ({', '.join(to_null)})" if to_null else ""
        cases += _type_cases(field, mapping, condition)
    if field.type in NUMBER_TYPES or field.name.endswith("_id"):
        # Ids without all their digits would make one record of several.
        cases.append(_case(field, "type", f"contains({text}, 'E+') AND {digits_lost(text)}", _CUT_OFF, text))
    return cases + _value_cases(field)


def _type_cases(field: Field, mapping: FieldMapping, condition: str) -> list[str]:
    """Cases for text that the type of the field does not fit. `condition`: SQL for whether typing gave null."""
    text = source_text(field.name)
    expected = _WANTED.get(field.type, f"a {field.type}") + (
        f" written {' or '.join(mapping.formats)}" if mapping.formats else ""
    )
    if mapping.decimal is not None:
        return [_case(field, "type", condition, f"{expected} with the decimal mark {mapping.decimal!r}", text)]
    if field.type not in NUMBER_TYPES:
        return [_case(field, "type", condition, expected, text)]
    marked = f"{condition} AND {has_marks(text)}"
    unmarked = f"{condition} AND NOT {has_marks(text)}"
    return [
        _case(field, "type", marked, f"{expected} in plain digits; {_STATE_DECIMAL}", text),
        _case(field, "type", unmarked, expected, text),
    ]


def _value_cases(field: Field) -> list[str]:
    """Cases for typed values that the contract does not allow."""
    text, typed = source_text(field.name), identifier(field.name)
    cases = []
    if field.values is not None:
        allowed = ", ".join(map(literal, field.values))
        cases.append(_case(field, "values", f"{typed} NOT IN ({allowed})", f"one of {', '.join(field.values)}", text))
    if field.minimum is not None:
        cases.append(_case(field, "minimum", f"{typed} < {field.minimum}", f"at least {field.minimum}", text))
    if field.maximum is not None:
        beyond = f"{typed} > {field.maximum} OR {typed} < -{field.maximum}"
        cases.append(_case(field, "maximum", beyond, f"at most {field.maximum}", text))
    if field.span is not None:
        first, last = field.span
        # Times are UTC here: one day of leeway covers every time zone.
        beyond = f"{typed} < DATE '{first - DAY}' OR {typed} >= DATE '{last + 2 * DAY}'"
        expected = f"a {field.type} from {first} to {last}; a placeholder belongs into `null_values`"
        cases.append(_case(field, "span", beyond, expected, text))
    return cases


def _rule_case(rule: Rule, position: int) -> str:
    fault = literal(BETWEEN_PARTS.join([rule.name, rule.name, _one_line(rule.sql), ""]))
    return f"CASE WHEN NOT {rule_flag(position)} THEN {fault} END"


def _case(field: Field, rule: str, condition: str, expected: str, found: str | None = None) -> str:
    fault = literal(BETWEEN_PARTS.join([rule, field.name, expected, ""]))
    if found is not None and not field.restricted:
        separators = literal(BETWEEN_FAULTS + BETWEEN_PARTS)
        fault += f" || left(translate({found}, {separators}, '  '), {LONGEST})"
    return f"CASE WHEN {condition} THEN {fault} END"


def _one_line(sql: str) -> str:
    return " ".join(sql.split())
