"""Mapping files as data, as `load_mapping` returns them. `docs/sources.md` describes the format."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import CONTRACT_VERSION, ENTITIES, NUMBER_TYPES, Entity, Field
from pipelines.ingest.mapping.expressions import template_sql


@dataclass(frozen=True)
class FieldMapping:
    """How to fill one contract field: exactly one of `column`, `expr`, `value` and `template` is set.

    `values` translates source text, `default` is the translation of text that `values` does not list, `null_values`
    are texts that count as null, `scale` multiplies numbers, `decimal` is the decimal mark of the column, `end` is the
    end of a range (low or high), `format` is a strptime pattern, a word of TIME_WORDS, or several of them. `reads`: the
    columns that the field reads. `line`: its line in the mapping file.
    """

    name: str
    line: int
    column: str | None = None
    expr: str | None = None
    value: str | None = None
    template: str | None = None
    format: str | tuple[str, ...] | None = None
    values: tuple[tuple[str, str | None], ...] | None = None
    default: str | None = None
    null_values: tuple[str, ...] = ()
    scale: Decimal | None = None
    decimal: str | None = None
    end: str | None = None
    reads: frozenset[str] = frozenset()

    @property
    def formats(self) -> tuple[str, ...]:
        """The patterns of `format`. The first that fits counts."""
        return (self.format,) if isinstance(self.format, str) else self.format or ()

    @property
    def sql(self) -> str:
        """The expression over the columns of the file, before typing."""
        if self.column is not None:
            return identifier(self.column)
        if self.value is not None:
            return literal(self.value)
        return template_sql(self.template) if self.template is not None else f"(\n{self.expr}\n)"


@dataclass(frozen=True)
class Rule:
    """A condition of the mapping that must be true, beyond the contract."""

    name: str
    sql: str
    line: int


@dataclass(frozen=True)
class EntityMapping:
    """How the lines of a file fill one entity.

    `implied`: each key gives one row, the earliest; later lines of the key count as known. `where`: only lines that
    meet the condition fill the entity. `part`: position among the mappings of the file to the same entity, from 0.
    """

    name: str
    line: int
    fields: tuple[FieldMapping, ...]
    rules: tuple[Rule, ...] = ()
    implied: bool = False
    where: Rule | None = None
    part: int = 0

    @property
    def entity(self) -> Entity:
        return ENTITIES[self.name]

    def field(self, name: str) -> FieldMapping | None:
        return next((field for field in self.fields if field.name == name), None)

    @property
    def keyed(self) -> bool:
        """Whether a mapped id identifies a row."""
        return self.entity.key is not None and self.field(self.entity.key) is not None

    @property
    def keyed_by_content(self) -> bool:
        """Whether the content of a row identifies it: without an id or a natural key, a changed line is another row."""
        return not self.keyed and not self.entity.natural_key


@dataclass(frozen=True)
class LookUp:
    """A look-up of a file in the files of another entry: its columns become columns `<name>.<column>`.

    `path`: that of the other entry. `column`: of the file. `key`: column of the other files with the same value; of
    several such rows the last one counts.
    """

    name: str
    line: int
    path: str
    column: str
    key: str


@dataclass(frozen=True)
class FileMapping:
    """One entry of `files`: a glob below the root, how to read the matching files, and the entities that lines fill.

    `header`: column names of a file without header. `header_rows`: first and last line of the header, at most two.
    `sheet`: glob of sheet names of a workbook. `null_values`: texts that count as null in every column. `ignore`: lines
    that meet the condition, such as totals, are no data: they fill no entity and are not quarantined. `lookups`: in
    their order; a later one may use the columns of an earlier one.
    """

    path: str
    line: int
    entities: tuple[EntityMapping, ...]
    format: str
    delimiter: str = ","
    encoding: str = "utf-8"
    header: tuple[str, ...] | None = None
    sheet: str = "*"
    null_values: tuple[str, ...] = ()
    ignore: Rule | None = None
    lookups: tuple[LookUp, ...] = ()
    header_rows: tuple[int, int] | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The columns of the file that fields read. A reader finds the header below titles by these names."""
        names = {name for entity in self.entities for field in entity.fields for name in field.reads}
        return frozenset(name for name in names if not any(name.startswith(f"{one.name}.") for one in self.lookups))

    @property
    def number_columns(self) -> frozenset[str]:
        """The columns that only number fields read."""
        numbers, others = set(), set()
        for entity in self.entities:
            names = {field.name for field in entity.entity.fields if field.type in NUMBER_TYPES}
            for field in entity.fields:
                (numbers if field.name in names else others).update(field.reads)
        return frozenset(numbers - others)


@dataclass(frozen=True)
class SourceMapping:
    """One mapping file.

    `history`: rows were known when they happened, or at the time that the field `known_at` gives.
    """

    mapping_file: Path
    source: str
    root: Path
    timezone: str
    files: tuple[FileMapping, ...]
    currency: str | None = None
    history: bool = False
    known_at: FieldMapping | None = None
    quarantine_bar: float | None = None

    def fills(self, entity: str) -> bool:
        return any(mapped.name == entity for file in self.files for mapped in file.entities)

    def stored_fields(self, entity: Entity) -> tuple[Field, ...]:
        """Return the fields, without the id, that the mapping can fill. The other fields are null in every row."""
        filled = {
            field.name
            for file in self.files
            for mapped in file.entities
            if mapped.entity == entity
            for field in mapped.fields
        }
        filled |= {"currency"} if self.currency else set()
        return tuple(field for field in entity.fields if field.name in filled and field.name != entity.key)

    def digest(self, file: FileMapping) -> str:
        """SHA-256 of all settings that decide how lines of this file become rows, without comments and line numbers."""
        meaning = {
            "contract": CONTRACT_VERSION,
            "source": self.source,
            "timezone": self.timezone,
            "currency": self.currency,
            "history": self.history,
            "known_at": self.known_at and asdict(self.known_at),
            "file": asdict(file),
        }
        text = json.dumps(_without_lines(meaning), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


NEWER = ("decimal", "default", "end", "header_rows", "ignore", "lookups")


def _without_lines(value: object) -> object:
    if isinstance(value, dict):
        # These keys are newer than landing: the digests of mappings without them must not change.
        return {
            key: _without_lines(item)
            for key, item in value.items()
            if key not in ("line", "reads") and not (key in NEWER and item in (None, ()))
        }
    if isinstance(value, (list, tuple)):
        return [_without_lines(item) for item in value]
    return value
