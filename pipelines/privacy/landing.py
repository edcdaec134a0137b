"""Removes a person from landing and quarantine: rows, references to rows, and the counts of the manifests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.ingest.typing.emptied import BETWEEN_PARTS, fields_sql, less_emptied
from pipelines.integrity.sums import file_sum
from pipelines.privacy.person import SHORTEST_ID, Person, mentions_sql
from pipelines.privacy.redo import Redo

Count = tuple[str, str]
"""A file of a source and an entity."""


class LandingErasure:
    """The rows that are removed: `lines` by batch, file and line; counts by batch and kind of row."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, person: Person, redo: Redo) -> None:
        self._connection, self._settings, self._person, self._redo = connection, settings, person, redo
        self.lines: set[tuple[str, str, int]] = set()
        self.accepted: dict[str, Counter[Count]] = {}
        self.known: dict[str, Counter[Count]] = {}
        self.quarantined: dict[str, Counter[tuple[str, str, str, str]]] = {}
        self.quarantined_lines: Counter[str] = Counter()
        self.fields: dict[str, Counter[tuple[str, ...]]] = {}
        """Removed values by batch: file, entity and field of texts, and with the rule those that do not fit."""
        self.through: Counter[tuple[str, str, str, bool]] = Counter()
        self.new_sums: dict[tuple[str, str], str] = {}
        """New SHA-256 of a rewritten file of a source, by source and old SHA-256."""
        self.repeated: Counter[tuple[str, str, str]] = Counter()
        """Removed lines that repeated a line of their own batch, by source, SHA-256 before, and file."""

    def remove_rows(self) -> None:
        """Write the new Parquet files of every batch, also of rejected batches."""
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE erased_rows (batch VARCHAR, entity VARCHAR, row BIGINT, fields VARCHAR[])"
        )
        folders = sorted(path for path in (self._settings.landing / "data").glob("*") if path.is_dir())
        for folder in folders:
            for path in sorted(folder.glob("*.parquet")):
                if not path.stem.endswith(".known"):
                    self._remove_from(path)
        for folder in folders:
            for path in sorted(folder.glob("*.known.parquet")):
                self._renumber(path)
        for path in sorted(self._settings.quarantine.glob("*.parquet")):
            self._remove_quarantined(path)

    def _remove_from(self, path: Path) -> None:
        source = parquet_files([path], "file_row_number = true")
        columns = {name: kind for name, kind, *_ in self._connection.execute(f"DESCRIBE FROM {source}").fetchall()}
        keys = ", ".join(map(literal, self._person.records))
        if path.stem.startswith("leads"):
            hit = f"row_key IN ({keys})"
        elif "lead_id" in columns:
            hit = f"source || ':' || lead_id IN ({keys})"
        else:
            hit = "false"
        batch, entity = path.parent.name, path.stem
        rows = self._connection.execute(
            f"SELECT file, line, file_row_number, {fields_sql(entity, columns)} FROM {source} WHERE {hit} ORDER BY ALL"
        ).fetchall()
        mentions = {} if entity == "leads.refusals" else mentions_sql(self._person, columns)
        blank = " OR ".join(f"coalesce({mention}, false)" for mention in mentions.values()) or "false"
        blanked = self._connection.execute(f"SELECT count(*) FROM {source} WHERE NOT ({hit}) AND ({blank})").fetchall()
        if not rows and not blanked[0][0]:
            return
        replaced = ", ".join(
            f"CASE WHEN {mention} THEN NULL ELSE {identifier(name)} END AS {identifier(name)}"
            for name, mention in mentions.items()
        )
        self._copy(
            f"SELECT * EXCLUDE (file_row_number) {f'REPLACE ({replaced})' if replaced else ''} FROM {source} "
            f"WHERE NOT ({hit}) ORDER BY file_row_number",
            path,
        )
        self._redo.counts["landing: texts of other records that named the person"] += blanked[0][0]
        self._redo.counts[f"landing: rows of {entity}"] += len(rows)
        self.lines |= {(batch, file, line) for file, line, *_ in rows}
        self._count_fields(batch, entity.split(".")[0], [(file, fields) for file, _, _, fields in rows])
        if entity.endswith(".implied"):
            self.known.setdefault(batch, Counter()).update((file, entity.split(".")[0]) for file, *_ in rows)
            self.through[batch, entity.split(".")[0], "", True] += len(rows)
        elif entity != "leads.refusals":
            self.accepted.setdefault(batch, Counter()).update((file, entity) for file, *_ in rows)
            if rows:
                self._connection.executemany(
                    "INSERT INTO erased_rows VALUES (?, ?, ?, ?)",
                    [(batch, entity, row, fields) for _, _, row, fields in rows],
                )

    def _count_fields(self, batch: str, entity: str, rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        removed = self.fields.setdefault(batch, Counter())
        removed.update((file, entity, *field.split(BETWEEN_PARTS)) for file, fields in rows for field in fields)

    def _renumber(self, path: Path) -> None:
        """Remove references to removed rows, and correct the row numbers of the others."""
        entity = path.stem.removesuffix(".known")
        source = parquet_files([path])
        joined = (
            f"FROM {source} AS refs JOIN (SELECT batch AS holder, row AS holder_row, fields FROM erased_rows "
            f"WHERE entity = {literal(entity)}) AS gone USING (holder, holder_row)"
        )
        rows = self._connection.execute(f"SELECT file, line, holder, fields {joined}").fetchall()
        shifted = self._connection.execute(
            f"SELECT count(*) FROM {source} WHERE holder IN "
            f"(SELECT batch FROM erased_rows WHERE entity = {literal(entity)})"
        ).fetchall()
        if not shifted[0][0]:
            return
        self._copy(
            f"""
            SELECT refs.* REPLACE (refs.holder_row - (
                SELECT count(*) FROM erased_rows
                WHERE batch = refs.holder AND entity = {literal(entity)} AND row < refs.holder_row
            ) AS holder_row)
            FROM {source} AS refs
            ANTI JOIN (SELECT batch AS holder, row AS holder_row FROM erased_rows WHERE entity = {literal(entity)})
                AS gone USING (holder, holder_row)
            ORDER BY file, line
            """,
            path,
        )
        batch = path.parent.name
        self.known.setdefault(batch, Counter()).update((file, entity) for file, *_ in rows)
        self._count_fields(batch, entity, [(file, fields) for file, _, _, fields in rows])
        self.through.update((batch, entity, holder, False) for _, _, holder, _ in rows)
        self.lines |= {(batch, file, line) for file, line, *_ in rows}
        self._redo.counts["landing: references to rows"] += len(rows)

    def _remove_quarantined(self, path: Path) -> None:
        source, batch = parquet_files([path]), path.stem
        cells = r"string_split_regex(text, '[,;\t|\r\n\[\]{}\"]+ *')"
        # A short id can equal any number of a line.
        ids = {
            name: [id_ for id_ in self._person.ids(name) if len(id_) >= SHORTEST_ID] for name in self._person.sources
        }
        tests = [
            f"(source = {literal(name)} AND list_has_any({cells}, [{', '.join(map(literal, own))}]))"
            for name, own in ids.items()
            if own
        ]
        if pattern := self._person.contact_pattern:
            tests.append(f"regexp_matches(text, {literal(pattern)})")
        here = sorted((file, line) for where, file, line in self.lines if where == batch)
        if here:
            tests.append(f"(file, line) IN ({', '.join(f'({literal(file)}, {line})' for file, line in here)})")
        hit = f"coalesce({' OR '.join(tests) or 'false'}, false)"
        rows = self._connection.execute(
            f"SELECT file, entity, rule, coalesce(field, ''), line FROM {source} WHERE {hit}"
        ).fetchall()
        if rows:
            self._copy(f"SELECT * FROM {source} WHERE NOT ({hit})", path)
            self.quarantined[batch] = Counter(row[:4] for row in rows)
            lines = {(row[0], row[4]) for row in rows}
            self.quarantined_lines[batch] = len(lines)
            self.lines |= {(batch, file, line) for file, line in lines}
            self._redo.counts["quarantine: rows"] += len(rows)

    def _copy(self, select: str, path: Path) -> None:
        target = literal(str(self._redo.new(path)))
        self._connection.execute(f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")

    def rewrite_manifests(self) -> None:
        """Write the new counts and sums of the batches, in the manifests of landing and in `batch.json`."""
        landing = self._settings.landing
        for path in sorted(landing.glob("batches/*.json")):
            content = json.loads(path.read_text(encoding="utf-8"))
            changed = self._corrected(content)
            if changed != content:
                self._write(path, changed, 1)
                beside = landing / "data" / content["batch"] / "batch.json"
                if beside.exists():
                    own = json.loads(beside.read_text(encoding="utf-8"))
                    self._write(beside, changed | {"seq": own["seq"]}, 1)
        for path in sorted(landing.glob("rejected/*.json")):
            content = json.loads(path.read_text(encoding="utf-8"))
            changed = content | {"batch": self._corrected(content["batch"])}
            if changed != content:
                self._write(path, changed, 1)
        for path in sorted(self._settings.dropped.glob("*.json")):
            text = path.read_text(encoding="utf-8")
            changed_text = text
            for (_, before), after in self.new_sums.items():
                changed_text = changed_text.replace(before, after)
            if changed_text != text:
                write_atomically(self._redo.new(path), changed_text.encode())

    def _write(self, path: Path, content: Mapping[str, Any], indent: int) -> None:
        text = json.dumps(content, indent=indent, sort_keys=True, ensure_ascii=False) + "\n"
        write_atomically(self._redo.new(path), text.encode())

    def _corrected(self, before: dict[str, Any]) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(json.dumps(before))
        batch, source = content["batch"], content["source"]
        accepted, known = self.accepted.get(batch, Counter()), Counter(self.known.get(batch, Counter()))
        faults = self.quarantined.get(batch, Counter())
        for record in content["files"]:
            entities = {one["entity"] for one in content["reports"] if one["file"] == record["file"]}
            repeated = self.repeated[source, record["sha256"], record["file"]]
            if len(entities) == 1:
                place = (record["file"], entities.pop())
                found = accepted[place] + known[place] + sum(n for key, n in faults.items() if key[:2] == place)
                known[place] += max(repeated - found, 0)
            record["sha256"] = self.new_sums.get((source, record["sha256"]), record["sha256"])
        for report in content["reports"]:
            place = (report["file"], report["entity"])
            gone = (accepted[place], sum(n for key, n in faults.items() if key[:2] == place), known[place])
            for name, number in zip(("accepted", "quarantined", "known"), gone, strict=True):
                report[name] -= number
            report["lines"] -= sum(gone)
        for fault in content["faults"]:
            fault["rows"] -= faults[fault["file"], fault["entity"], fault["rule"], fault["field"] or ""]
        content["faults"] = [fault for fault in content["faults"] if fault["rows"] > 0]
        if "emptied" in content:
            content["emptied"] = less_emptied(content["emptied"], self.fields.get(batch, Counter()))
        if "quarantined_lines" in content:
            content["quarantined_lines"] -= self.quarantined_lines[batch]
        content["through"] = self._less_through(batch, content.get("through", []))
        for item in content.get("data") or []:
            path = self._redo.current(self._settings.home / item["file"])
            if path != self._settings.home / item["file"]:
                item |= asdict(file_sum(path)) | {"rows": pq.read_metadata(path).num_rows}
        if content["through"] == [] and "through" not in before:
            del content["through"]
        return content

    def _less_through(self, batch: str, through: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        implied = {entity: n for (b, entity, _, is_implied), n in self.through.items() if b == batch and is_implied}
        result = []
        for item in through:
            less = self.through[batch, item["entity"], item["batch"], False] if not item["implied"] else 0
            if item["implied"]:
                less = min(item["rows"], implied.get(item["entity"], 0))
                implied[item["entity"]] = implied.get(item["entity"], 0) - less
            if item["rows"] > less:
                result.append(item | {"rows": item["rows"] - less})
        return result
