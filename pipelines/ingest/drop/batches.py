"""Records of the batches from the drop folder. A record is written before the files of its batch are moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_place
from pipelines.integrity.log import changing
from pipelines.integrity.places import DROP_RECORDS


@dataclass(frozen=True)
class DroppedFile:
    """A dropped file. `sent`: its path as the sender named it; `file`: its path below the root of the source."""

    sent: str
    file: str
    sha256: str


@dataclass(frozen=True)
class DroppedBatch:
    """The files of one source from one evaluation of the sensor. `seq`: order of arrival, from 1.

    `moved`: all files are below the root. If it is false, an evaluation was killed, and the next one continues it.
    """

    seq: int
    batch: str
    source: str
    files: tuple[DroppedFile, ...]
    moved: bool = False

    @property
    def path(self) -> str:
        return f"{self.seq:06d}-{self.batch}.json"


def dropped_batches(settings: Settings) -> list[DroppedBatch]:
    """All batches from the drop folder, in the order of arrival.

    Raises IntegrityError if a record differs from the checksum log.
    """
    assert_place(settings.home, DROP_RECORDS)
    return [_read(path) for path in sorted(settings.dropped.glob("*.json"))]


def new_batch(settings: Settings, source: str, files: Sequence[DroppedFile]) -> DroppedBatch:
    """A new batch, named by the names and hashes of its files. If the name is taken, a number is added."""
    earlier = dropped_batches(settings)
    return DroppedBatch(
        seq=max((batch.seq for batch in earlier), default=0) + 1,
        batch=numbered(batch_name(source, files), {batch.batch for batch in earlier}),
        source=source,
        files=tuple(files),
    )


def file_of(name: str, files: Collection[str]) -> str | None:
    """The file that a name below the root refers to: `leads#1.csv`, or the workbook of `book.xlsx#sheet`; else None.

    Names of files and of sheets can also contain a #.
    """
    while name not in files:
        if "#" not in name:
            return None
        name = name.rpartition("#")[0]
    return name


def batch_name(source: str, files: Sequence[DroppedFile]) -> str:
    content = sorted([file.sent, file.sha256] for file in files)
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return f"{source}-drop-{digest[:8]}"


def numbered(name: str, taken: set[str]) -> str:
    """The name, with the first free number from 2 if it is taken."""
    free = (candidate for number in range(1, len(taken) + 2) if (candidate := _with_number(name, number)) not in taken)
    return next(free)


def write_record(settings: Settings, batch: DroppedBatch) -> None:
    """Write or replace the record of a batch."""
    text = json.dumps(asdict(batch), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    settings.dropped.mkdir(parents=True, exist_ok=True)
    path = settings.dropped / batch.path
    with changing(settings.home, path):
        write_atomically(path, text.encode())


def _with_number(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _read(path: Path) -> DroppedBatch:
    data = json.loads(path.read_text(encoding="utf-8"))
    return DroppedBatch(**data | {"files": tuple(DroppedFile(**file) for file in data["files"])})
