"""Values of optional fields that do not fit: null in an accepted row, with a count and with the text in `extra`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from pipelines.home.sql import identifier, literal
from pipelines.ingest.batches import Batch, EmptiedCount
from pipelines.ingest.contract import ENTITIES

EMPTIED = "tierhouse_emptied"
"""Key in `extra` of a row: an object with rule and cells, the texts of the columns, for each emptied field."""

UNREAD_SHARE, UNREAD_ROWS = 0.5, 20
"""A field of a batch is unread if more than this share, and at least this number, of its values do not fit."""

BETWEEN_FAULTS, BETWEEN_PARTS = "\x1f", "\x1e"


def emptied_shares(counts: Iterable[EmptiedCount]) -> dict[tuple[str, str], tuple[int, float]]:
    """Return the values that do not fit and their share of all values, by entity and field."""
    rows: Counter[tuple[str, str]] = Counter()
    filled: dict[tuple[str, str], dict[str, int]] = {}
    for count in counts:
        rows[count.entity, count.field] += count.rows
        filled.setdefault((count.entity, count.field), {})[count.file] = count.filled
    return {place: (rows[place], rows[place] / sum(files.values())) for place, files in filled.items()}


def unread_fields(batch: Batch) -> list[tuple[str, str]]:
    """Return entity and field of the columns of a batch that the mapping does not read."""
    limit = max(UNREAD_SHARE, batch.quarantine_bar)
    shares = emptied_shares(batch.emptied)
    return [place for place, (rows, share) in shares.items() if share > limit and rows >= UNREAD_ROWS]


def is_over_bar(batch: Batch) -> bool:
    """Whether the raw gate refuses the batch: too many rows are quarantined, or a column is not read."""
    return batch.quarantined_share > batch.quarantine_bar or bool(unread_fields(batch))


def emptied_rows(batch: Batch) -> list[tuple]:
    """Rows of `landing.emptied`: the values of a field of a file that do not fit, by any rule."""
    filled = {(count.file, count.entity, count.field): count.filled for count in batch.emptied}
    rows: Counter[tuple[str, str, str]] = Counter()
    for count in batch.emptied:
        rows[count.file, count.entity, count.field] += count.rows
    return [(batch.batch, batch.source, *place, number, filled[place]) for place, number in rows.items()]


def emptied_lines(counts: Iterable[EmptiedCount], fields: Collection[tuple[str, str]] | None = None) -> list[str]:
    """Describe the counts, most rows first: one line for a field and a rule, with the first of its files.

    `fields`: entity and field of the counts to describe; None for all.
    """
    alike: dict[tuple[str, str, str, str], list[EmptiedCount]] = {}
    for count in sorted(counts, key=lambda one: one.file):
        if fields is None or (count.entity, count.field) in fields:
            alike.setdefault((count.entity, count.field, count.rule, count.expected), []).append(count)
    lines = []
    for (entity, field, rule, expected), found in alike.items():
        rows, more = sum(one.rows for one in found), len(found) - 1
        files = f"{found[0].file}{f' and {more:,} more' if more else ''}"
        text = (
            f"{files}, {entity}.{field}: {rows:,} of {sum(one.filled for one in found):,} values do not fit "
            f"and are null ({rule}): expected {expected}, first in line {found[0].line:,}"
        )
        lines.append((-rows, text))
    return [text for _, text in sorted(lines)]


def emptied_fault(name: str) -> str:
    """SQL name of the column with the fault that empties a field of a row; null if there is none."""
    return identifier(f"n:{name}")


def original_cell(column: str) -> str:
    """SQL name of the column with the text of a column of the file, for `extra`."""
    return identifier(f"o:{column}")


def extra_sql(reads: Mapping[str, Iterable[str]]) -> str:
    """SQL for `extra` with the emptied fields of the row. `reads`: the columns that each field reads."""
    fields = ", ".join(
        f"{literal(name)}: CASE WHEN {emptied_fault(name)} IS NOT NULL THEN {{'rule': "
        f"split_part({emptied_fault(name)}, {literal(BETWEEN_PARTS)}, 1), "
        f"'cells': {{{', '.join(f'{literal(column)}: {original_cell(column)}' for column in sorted(columns))}}}}} END"
        for name, columns in reads.items()
    )
    added = f"to_json({{{literal(EMPTIED)}: {{{fields}}}}})"
    # A merge patch leaves out what is null: the fields that fit.
    patched = f"CAST(json_merge_patch(coalesce(extra, '{{}}'), {added}) AS VARCHAR)"
    return f"CASE WHEN coalesce({', '.join(map(emptied_fault, reads))}) IS NULL THEN extra ELSE {patched} END"


def count_emptied(
    connection: duckdb.DuckDBPyConnection, entities: Sequence[str], names: Mapping[int, str]
) -> tuple[EmptiedCount, ...]:
    """Count the emptied values of the good rows by file, entity, field and rule. `names`: files by id.

    Rows that another row of the batch repeats or contradicts do not count.
    """
    found: dict[tuple[str, str, str, str], EmptiedCount] = {}
    for entity in entities:
        fault = f"string_split(fault, {literal(BETWEEN_PARTS)})"
        rows = connection.execute(
            f"""
            WITH faults AS (
                SELECT __file, __line, unnest(string_split(emptied, {literal(BETWEEN_FAULTS)})) AS fault
                FROM mapped_{entity} LEFT JOIN verdict_{entity} AS verdicts USING (__file, __line)
                WHERE faults IS NULL AND emptied IS NOT NULL AND (verdicts.verdict IS NULL OR verdicts.held IS NOT NULL)
            )
            SELECT __file, {fault}[2] AS field, {fault}[1] AS rule, count(*), min(__line), arg_min({fault}[3], __line)
            FROM faults GROUP BY ALL ORDER BY ALL
            """
        ).fetchall()
        filled = _filled(connection, entity, names, {row[1] for row in rows})
        for file_id, field, rule, number, line, expected in rows:
            place = (names[file_id], entity, field, rule)
            count = EmptiedCount(*place, number, filled[names[file_id], field], line, expected)
            if before := found.get(place):
                first = min(before, count, key=lambda one: one.line)
                count = replace(first, rows=before.rows + number)
            found[place] = count
    return tuple(found.values())


def _filled(
    connection: duckdb.DuckDBPyConnection, entity: str, names: Mapping[int, str], fields: Iterable[str]
) -> Counter[tuple[str, str]]:
    """Count the good rows with a text in the field, by file and field."""
    filled: Counter[tuple[str, str]] = Counter()
    stored = {field.name for field in ENTITIES[entity].fields}
    for field in sorted(stored.intersection(fields)):
        start = literal(f"{BETWEEN_PARTS}{field}{BETWEEN_PARTS}")
        for file_id, rows in connection.execute(
            f"SELECT __file, count(*) FROM mapped_{entity} "
            f"WHERE faults IS NULL AND ({identifier(field)} IS NOT NULL OR contains(emptied, {start})) GROUP BY 1"
        ).fetchall():
            filled[names[file_id], field] += rows
    return filled


def less_emptied(counts: Iterable[dict[str, Any]], removed: Mapping[tuple[str, ...], int]) -> list[dict[str, Any]]:
    """Return counts of a manifest without removed rows. `removed`: by file, entity and field, and with the rule."""
    result = []
    for count in counts:
        place = (count["file"], count["entity"], count["field"])
        rows, filled = removed.get((*place, count["rule"]), 0), removed.get(place, 0)
        if count["rows"] > rows:
            result.append(count | {"rows": count["rows"] - rows, "filled": count["filled"] - filled})
    return result


def fields_sql(entity: str, columns: Collection[str]) -> str:
    """SQL for the list of the fields of a landed row with a text, and of its emptied fields, each with its rule.

    `columns`: of the file of landing. In the list, BETWEEN_PARTS stands between field and rule.
    """
    known = ENTITIES.get(entity.split(".")[0])
    names = [field.name for field in known.fields if field.name in columns] if known and "extra" in columns else []
    if not names:
        return "CAST([] AS VARCHAR[])"
    place = literal(f"$.{EMPTIED}")
    rules = ", ".join(f"json_extract_string(extra, {literal(f'$.{EMPTIED}.{name}.rule')})" for name in names)
    named = ", ".join(map(literal, names))
    texts = ", ".join(f"CASE WHEN {identifier(name)} IS NOT NULL THEN {literal(name)} END" for name in names)
    is_emptied = f"json_exists(extra, {place})"
    emptied = (
        f"CASE WHEN {is_emptied} THEN list_concat("
        f"list_transform(list_zip([{named}], [{rules}]), lambda one: CASE WHEN one[2] IS NOT NULL THEN one[1] END), "
        f"list_transform(list_zip([{named}], [{rules}]), lambda one: one[1] || {literal(BETWEEN_PARTS)} || one[2])) "
        "ELSE [] END"
    )
    return f"list_filter(list_concat([{texts}], {emptied}), lambda one: one IS NOT NULL)"
