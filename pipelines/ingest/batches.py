"""A batch: the rows that one run accepts from one source. Its JSON records the files and the counts of their rows."""

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
    """Identity of a file of a batch: path below the root, hash of its bytes, hash of its mapping.

    `place`: if the batch reads the file again for a changed mapping, the commit that first brought these bytes under
    this name. The rows keep that place among the versions, before all later deliveries. `ignored`: lines that are no
    data by `ignore` of the mapping.
    """

    file: str
    sha256: str
    mapping_sha256: str
    place: int | None = None
    ignored: int = 0


@dataclass(frozen=True)
class FileReport:
    """Counts of the rows of one file for one entity. lines = accepted + quarantined + known.

    `known`: rows that are in landing already, or repeated in this batch.
    """

    file: str
    entity: str
    lines: int
    accepted: int
    quarantined: int
    known: int


@dataclass(frozen=True)
class FaultCount:
    """Number of quarantined rows of a file and an entity whose first broken rule is this rule."""

    file: str
    entity: str
    rule: str
    field: str
    rows: int


@dataclass(frozen=True)
class EmptiedCount:
    """Number of accepted or known rows of a file in which an optional field is null, because its text does not fit.

    `filled`: rows of the file with a text in the field. `line`: the first such line, and what was `expected` there.
    """

    file: str
    entity: str
    field: str
    rule: str
    rows: int
    filled: int
    line: int
    expected: str


@dataclass(frozen=True)
class Through:
    """Number of known rows of an entity that another batch stores. `implied`: it stores only their id."""

    entity: str
    batch: str
    rows: int
    implied: bool = False


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a batch: its path below the home after the commit, size, SHA-256 and number of rows."""

    file: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Batch:
    """One batch.

    `seq`: order of commit, from 1; None before the commit. `ingested_at`: ISO, UTC without offset. `entities`: all
    entities that the mapping of the source fills. `through`: the batches that store the known rows of this batch.
    `quarantined_lines`: lines of files with a quarantined row; a line of several entities counts once.
    `emptied`: values of optional fields that do not fit. `states_known_at`: the files say when each row became known.
    `known_until`: the latest `known_at` of the rows, known rows included, up to `ingested_at` (ISO, UTC); None in
    batches that are older than this field. `data`: the Parquet files; None in batches that are older than the checksum
    log, which lists their files itself.
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
    emptied: tuple[EmptiedCount, ...] = ()
    data: tuple[DataFile, ...] | None = field(default=None, compare=False)
    seq: int | None = field(default=None, compare=False)

    @property
    def position(self) -> int:
        """Order of commit; 0 before the commit."""
        return self.seq or 0

    @property
    def lines(self) -> int:
        return sum(report.lines for report in self.reports)

    @property
    def quarantined(self) -> int:
        """Number of quarantined rows. A line counts for each entity that it should fill."""
        return sum(report.quarantined for report in self.reports)

    @property
    def quarantined_share(self) -> float:
        """Quarantined rows as a share of all rows of the batch."""
        return self.quarantined / self.lines if self.lines else 0.0

    @property
    def accepted(self) -> dict[str, int]:
        """Number of accepted rows by entity, without entities with none. Each entity has its Parquet file."""
        rows: dict[str, int] = {}
        for report in self.reports:
            rows[report.entity] = rows.get(report.entity, 0) + report.accepted
        return {entity: count for entity, count in rows.items() if count}

    @cached_property
    def holders(self) -> Mapping[str, frozenset[str]]:
        """The batches that store the known rows of this batch, by entity."""
        batches: dict[str, set[str]] = {}
        for through in self.through:
            batches.setdefault(through.entity, set()).add(through.batch)
        return {entity: frozenset(names) for entity, names in batches.items()}

    @property
    def listed(self) -> dict[str, FileSum]:
        """The sums of its Parquet files, by path below the home."""
        return {file.file: FileSum(file.bytes, file.sha256) for file in self.data or ()}

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def batch_from(data: dict) -> Batch:
    """Read a batch from its JSON object."""
    return Batch(
        batch=data["batch"],
        source=data["source"],
        ingested_at=data["ingested_at"],
        quarantine_bar=data["quarantine_bar"],
        entities=tuple(data["entities"]),
        files=tuple(FileRecord(**item) for item in data["files"]),
        reports=tuple(FileReport(**item) for item in data["reports"]),
        faults=tuple(FaultCount(**item) for item in data["faults"]),
        # Manifests without this field are older: known_at alone ordered their versions.
        states_known_at=data.get("states_known_at", True),
        known_until=data.get("known_until"),
        quarantined_lines=data.get("quarantined_lines", 0),
        emptied=tuple(EmptiedCount(**item) for item in data.get("emptied", ())),
        through=tuple(Through(**item) for item in data.get("through", ())),
        data=None if data.get("data") is None else tuple(DataFile(**item) for item in data["data"]),
        seq=data["seq"],
    )


def read_batch(path: Path) -> Batch:
    return batch_from(json.loads(path.read_text(encoding="utf-8")))


def staged(settings: Settings) -> list[Batch]:
    """Return the batches that the last `stage_sources` staged, by name."""
    return [read_batch(path) for path in sorted(settings.staged.glob("*/batch.json"))]


def with_seq(batch: Batch, seq: int) -> Batch:
    return replace(batch, seq=seq)


def revisions(batches: Sequence[Batch]) -> dict[str, int]:
    """Return the revision of each batch. Versions of a row are ordered by revision, then known_at, then commit.

    A later commit is a later revision, independent of clocks. Successive commits of a source whose files state known_at
    share a revision: their files order the states, which may arrive in any order. `batches`: in the order of commit.
    """
    latest: dict[str, Batch] = {}
    result: dict[str, int] = {}
    for batch in batches:
        before = latest.get(batch.source)
        if before is not None and batch.states_known_at and before.states_known_at:
            result[batch.batch] = result[before.batch]
        else:
            result[batch.batch] = batch.position
        latest[batch.source] = batch
    return result


def places(batches: Sequence[Batch]) -> list[tuple[str, str, Decimal]]:
    """Return batch, file and revision of the files whose rows have an earlier revision than their batch.

    The revision is between the commit whose place they take and the next commit.
    """
    return [
        (batch.batch, record.file, Decimal(record.place) + Decimal(batch.position) / 1_000_000)
        for batch in batches
        if not batch.states_known_at
        for record in batch.files
        if record.place is not None
    ]
