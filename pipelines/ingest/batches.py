"""A batch: what one source brings in one run. Its JSON is the record of which files it holds and how they add up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.integrity.sums import FileSum


@dataclass(frozen=True)
class FileRecord:
    """A file of a batch, by which it is known again: path below the root, hash of its bytes, hash of its mapping.

    `place`: the commit that first brought these bytes under this name, where this batch reads them again because their
    mapping changed. Their rows keep that place among the versions, before what was delivered since.
    """

    file: str
    sha256: str
    mapping_sha256: str
    place: int | None = None


@dataclass(frozen=True)
class FileReport:
    """Rows of one file for one entity: lines = accepted + quarantined + known, always.

    `known`: already in landing, or the same row again in this batch.
    """

    file: str
    entity: str
    lines: int
    accepted: int
    quarantined: int
    known: int


@dataclass(frozen=True)
class FaultCount:
    """How many quarantined rows of a file and an entity broke this rule first."""

    file: str
    entity: str
    rule: str
    field: str
    rows: int


@dataclass(frozen=True)
class Through:
    """How many known rows of an entity have their content stored in another batch. `implied`: only their id is."""

    entity: str
    batch: str
    rows: int
    implied: bool = False


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a batch: its path below the home once the batch is committed, its sum, its rows."""

    file: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Batch:
    """One batch. `ingested_at`: ISO, UTC without offset. `entities`: all that the source's mapping fills.

    `through`: the batches that store the rows which this one brought again. `quarantined_lines`: lines of files, each
    counted once, though it may be a quarantined row of several entities.

    `seq` is the order of commit, from 1; None before. `states_known_at`: the file says when each row became known.
    `known_until`: the latest `known_at` of its rows, not after `ingested_at`, rows that landing already has included
    (ISO, UTC); None in batches of before it was kept. `data`: accepted and quarantined rows as they were written; None
    in batches of before there was a checksum log, whose files the log names.
    """

    batch: str
    source: str
    ingested_at: str
    quarantine_bar: float
    entities: tuple[str, ...]
    files: tuple[FileRecord, ...]
    reports: tuple[FileReport, ...]
    faults: tuple[FaultCount, ...] = ()
    states_known_at: bool = False
    known_until: str | None = None
    through: tuple[Through, ...] = ()
    quarantined_lines: int = 0
    data: tuple[DataFile, ...] | None = field(default=None, compare=False)
    seq: int | None = field(default=None, compare=False)

    @property
    def lines(self) -> int:
        return sum(report.lines for report in self.reports)

    @property
    def quarantined(self) -> int:
        """Quarantined rows: a line counts for each entity that it should fill."""
        return sum(report.quarantined for report in self.reports)

    @property
    def quarantined_share(self) -> float:
        """Quarantined rows as a share of all rows of the batch."""
        return self.quarantined / self.lines if self.lines else 0.0

    @property
    def accepted(self) -> dict[str, int]:
        """Accepted rows by entity; entities without any are left out. Each has its Parquet file."""
        rows: dict[str, int] = {}
        for report in self.reports:
            rows[report.entity] = rows.get(report.entity, 0) + report.accepted
        return {entity: count for entity, count in rows.items() if count}

    @cached_property
    def holders(self) -> Mapping[str, frozenset[str]]:
        """The batches that store rows which this one brought again, by entity."""
        found: dict[str, set[str]] = {}
        for one in self.through:
            found.setdefault(one.entity, set()).add(one.batch)
        return {entity: frozenset(names) for entity, names in found.items()}

    @property
    def listed(self) -> dict[str, FileSum]:
        """The sums of its files, by path below the home."""
        return {one.file: FileSum(one.bytes, one.sha256) for one in self.data or ()}

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def batch_from(data: dict) -> Batch:
    """A batch from its JSON object."""
    return Batch(
        batch=data["batch"],
        source=data["source"],
        ingested_at=data["ingested_at"],
        quarantine_bar=data["quarantine_bar"],
        entities=tuple(data["entities"]),
        files=tuple(FileRecord(**item) for item in data["files"]),
        reports=tuple(FileReport(**item) for item in data["reports"]),
        faults=tuple(FaultCount(**item) for item in data["faults"]),
        # Manifests without the field are older than it: their versions were ordered by known_at alone.
        states_known_at=data.get("states_known_at", True),
        known_until=data.get("known_until"),
        quarantined_lines=data.get("quarantined_lines", 0),
        through=tuple(Through(**item) for item in data.get("through", ())),
        data=None if data.get("data") is None else tuple(DataFile(**item) for item in data["data"]),
        seq=data["seq"],
    )


def read_batch(path: Path) -> Batch:
    return batch_from(json.loads(path.read_text(encoding="utf-8")))


def staged(settings: Settings) -> list[Batch]:
    """The batches that the last `stage_sources` left to be committed, by name."""
    return [read_batch(path) for path in sorted(settings.staged.glob("*/batch.json"))]


def with_seq(batch: Batch, seq: int) -> Batch:
    return replace(batch, seq=seq)


def revisions(batches: Sequence[Batch]) -> dict[str, int]:
    """Batch → revision: versions of a row are ordered by revision, then known_at, then commit.

    A later commit is a later revision, whatever a clock says. Commits of a source whose files state known_at share one:
    there the file says which state is the later one, in whatever order the states arrive. `batches`: in order of
    commit.
    """
    latest: dict[str, Batch] = {}
    result: dict[str, int] = {}
    for batch in batches:
        before = latest.get(batch.source)
        shares = before is not None and batch.states_known_at and before.states_known_at
        result[batch.batch] = result[before.batch] if shares else batch.seq
        latest[batch.source] = batch
    return result


def places(batches: Sequence[Batch]) -> list[tuple[str, str, Decimal]]:
    """Batch, file and revision of the files whose rows have an earlier revision than their batch.

    The revision lies behind that of the commit whose place they take, and before the next one.
    """
    return [
        (batch.batch, record.file, Decimal(record.place) + Decimal(batch.seq or 0) / 1_000_000)
        for batch in batches
        if not batch.states_known_at
        for record in batch.files
        if record.place is not None
    ]
