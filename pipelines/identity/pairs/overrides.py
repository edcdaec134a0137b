"""Decisions of people about pairs of records: `<home>/identity_overrides.csv`.

Columns: `decision` (`link`, `separate` or `automatic`), `record_a` and `record_b` (`source:lead_id`), `decided_on` (the
first business day on which the decision counts), `reason`. The latest decision about a pair counts. `automatic` takes
earlier decisions back. A day before `decided_on` keeps its customers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

COLUMNS = ("decision", "record_a", "record_b", "decided_on", "reason")
LINK, SEPARATE, AUTOMATIC = "link", "separate", "automatic"
DECISIONS = (LINK, SEPARATE, AUTOMATIC)
OVERRIDES = pa.schema(
    [("decision", pa.string()), ("record_a", pa.string()), ("record_b", pa.string()), ("decided_on", pa.date32())]
)


class OverridesRefused(TierhouseError):
    """The file of decisions has faults. No customer is made from a part of it."""


@dataclass(frozen=True)
class Override:
    """A decision about a pair of records. `line`: of the file, the header is line 1."""

    line: int
    decision: str
    record_a: str
    record_b: str
    decided_on: date

    @property
    def pair(self) -> tuple[str, str]:
        first, second = sorted((self.record_a, self.record_b))
        return first, second


def read_overrides(file: Path) -> list[Override]:
    """Return the decisions of a file in its order; an absent file has none.

    Raises OverridesRefused with line and column of each fault, and for a pair that is separated although decisions of
    the same day link it, directly or through other records.
    """
    if not file.exists():
        return []
    faults: list[str] = []
    rows = _read_lines(file)
    header = [name.strip() for name in rows[0]] if rows else []
    if header != list(COLUMNS):
        raise OverridesRefused(f"{file}, line 1: expected the columns {','.join(COLUMNS)}, got {','.join(header)}")
    found = [
        override
        for line, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
        for override in _read_row(line, [cell.strip() for cell in row], faults)
    ]
    faults += list(_contradictions(found)) if not faults else []
    if faults:
        raise OverridesRefused("\n".join([f"the decisions in {file} cannot be used:", *faults]))
    return found


def override_problems(settings: Settings) -> list[str]:
    """Return one text with all faults in the decisions of the home, or an empty list if there are none."""
    try:
        read_overrides(settings.identity_overrides)
    except OverridesRefused as error:
        return [str(error)]
    return []


def without_records(file: Path, records: Collection[str]) -> tuple[bytes, int]:
    """Return the file without the decisions about these records, and their number. Raises OverridesRefused."""
    rows = _read_lines(file)
    kept = [row for row in rows if not set(records) & {cell.strip() for cell in row}]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(kept)
    return text.getvalue().encode(), len(rows) - len(kept)


def _read_lines(file: Path) -> list[list[str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OverridesRefused(f"{file}: expected UTF-8, got another encoding: save the file as CSV UTF-8") from error
    return list(csv.reader(io.StringIO(lines)))


def _read_row(line: int, row: list[str], faults: list[str]) -> Iterator[Override]:
    before = len(faults)
    if len(row) != len(COLUMNS):
        faults.append(f"line {line}: expected {len(COLUMNS)} columns, got {len(row)}")
        return
    decision, record_a, record_b, decided_on, _ = row
    if decision not in DECISIONS:
        faults.append(f"line {line}, decision: expected {', '.join(DECISIONS)}, got {decision!r}")
    for column, record in (("record_a", record_a), ("record_b", record_b)):
        if not all(record.partition(":")[::2]):
            faults.append(f"line {line}, {column}: expected source:lead_id such as crm:L000123, got {record!r}")
    if record_a == record_b:
        faults.append(f"line {line}, record_b: expected another record than record_a")
    try:
        day = date.fromisoformat(decided_on)
    except ValueError:
        faults.append(f"line {line}, decided_on: expected a day such as 2026-06-30, got {decided_on!r}")
        return
    if len(faults) == before:
        yield Override(line, decision, record_a, record_b, day)


def latest(overrides: Iterable[Override], day: date) -> dict[tuple[str, str], Override]:
    """Return the decision about each pair that counts on a day. Of one day, the last line counts."""
    known = sorted((one for one in overrides if one.decided_on <= day), key=lambda one: (one.decided_on, one.line))
    return {one.pair: one for one in known}


def _contradictions(overrides: list[Override]) -> Iterator[str]:
    reported = set()
    for day in sorted({one.decided_on for one in overrides}):
        counting = latest(overrides, day).values()
        person = _linked([one.pair for one in counting if one.decision == LINK])
        for one in counting:
            is_linked = person.get(one.record_a, one.record_a) == person.get(one.record_b, one.record_b)
            if one.decision == SEPARATE and is_linked and one.line not in reported:
                reported.add(one.line)
                yield (
                    f"line {one.line}: {one.record_a} and {one.record_b} are separated, but other lines link them on "
                    f"{day}: end one of the decisions with {AUTOMATIC}"
                )


def _linked(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return one record of its group for each record of a pair."""
    first: dict[str, str] = {}

    def find(record: str) -> str:
        while first.setdefault(record, record) != record:
            first[record] = first[first[record]]
            record = first[record]
        return record

    for record_a, record_b in pairs:
        first[find(record_a)] = find(record_b)
    return {record: find(record) for record in list(first)}


SPANS = """
    WITH dated AS (
        SELECT
            overrides.decision,
            least(one.record, other.record) AS record_a,
            greatest(one.record, other.record) AS record_b,
            (SELECT count(*) FROM days WHERE days.as_of < overrides.decided_on) AS first_day,
            overrides.line
        FROM overrides
        JOIN records AS one ON overrides.record_a = one.record_key
        JOIN records AS other ON overrides.record_b = other.record_key
    )

    SELECT
        decision,
        record_a,
        record_b,
        first_day,
        coalesce(
            lead(first_day) OVER (PARTITION BY record_a, record_b ORDER BY first_day, line),
            (SELECT count(*) FROM days)
        ) AS end_day
    FROM dated
"""
"""Spans of days of the decisions whose records are known."""


def write_overrides(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Write the temporary table `decided` (decision, record_a, record_b, first_day, end_day).

    Needs `days` and `records`. Returns a warning for each record that landing does not have: its decision has no
    effect. Raises OverridesRefused.
    """
    file = settings.identity_overrides
    overrides = sorted(read_overrides(file), key=lambda one: (one.decided_on, one.line))
    rows = [
        {"decision": one.decision, "record_a": one.record_a, "record_b": one.record_b, "decided_on": one.decided_on}
        | {"line": place}
        for place, one in enumerate(overrides)
    ]
    connection.register("overrides", pa.Table.from_pylist(rows, OVERRIDES.append(pa.field("line", pa.int64()))))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE decided AS SELECT * FROM ({SPANS}) WHERE first_day < end_day")
    names = {one.record_a for one in overrides} | {one.record_b for one in overrides}
    connection.unregister("overrides")
    known = connection.execute("SELECT record_key FROM records WHERE record_key IN (SELECT unnest(?))", [list(names)])
    unknown = names - {key for (key,) in known.fetchall()}
    return [
        f"{file.name}, line {one.line}: {record} is not in landing, the decision has no effect"
        for one in sorted(overrides, key=lambda one: one.line)
        for record in (one.record_a, one.record_b)
        if record in unknown
    ]
