"""`tierhouse map` on the real files, scored against the mappings that people wrote for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.home.settings import PROJECT_ROOT
from pipelines.ingest.draft import draft_mapping
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import FieldMapping, FileMapping
from pipelines.ingest.stage import stage_source
from tests.ingest_home import NOW, IngestHome

MAPPINGS = Path(__file__).parent / "mappings"
DATA = PROJECT_ROOT.parent / "shared" / "data"
SOURCES = ("beijing_resale", "cdnow", "estate_crm", "online_retail", "telco", "xeducation")
FAULTS = DATA.parent / "faults"
BETTER = {
    ("draft-calls-every-deal-a-sale", "transactions", "kind"),
    ("number-locale", "transactions", "kind"),
    ("number-locale", "transactions", "commission"),
    ("year-24", "leads", "created_at"),
}
"""Folder, entity and field where the draft says more than the mapping of the fault, which shows what is wrong."""
Said = dict[tuple[str, int, str], tuple[object, ...]]


def said(file: FileMapping) -> Said:
    """What a mapping says of each field: the columns that it reads (their positions where the file has no header), or
    that it is a constant; the pattern of a date, the scale of an amount."""

    def read(field: FieldMapping) -> tuple[object, ...]:
        columns = {file.header.index(name) if file.header else name for name in field.reads}
        return frozenset(columns), field.value is not None, field.format, field.scale

    return {(entity.name, entity.part, field.name): read(field) for entity in file.entities for field in entity.fields}


def drafted(paths: list[Path], folder: Path) -> tuple[FileMapping, ...]:
    target = folder / "draft.yml"
    target.write_text(draft_mapping(paths, folder, "UTC").text, encoding="utf-8")
    return load_mapping(target).files


def right_of(paths: list[Path], files: tuple[FileMapping, ...], folder: Path) -> tuple[int, int]:
    """Count the fields that are drafted as people map them, and all fields that either of them has."""
    right = total = 0
    for path, file, guess in zip(paths, files, drafted(paths, folder), strict=True):
        truth = said(file)
        assert (guess.format, guess.encoding, guess.delimiter) == (file.format, file.encoding, file.delimiter)
        assert bool(guess.header) == bool(file.header)
        # Leads that lines imply come after listed ones: a person who lists all leads leaves them out.
        spare = {entity.name for entity in guess.entities if entity.implied} - {entity.name for entity in file.entities}
        guessed = {place: what for place, what in said(guess).items() if place[0] not in spare}
        places = {place for place in truth.keys() | guessed.keys() if (path.parent.name, *place[::2]) not in BETTER}
        total += len(places)
        right += sum(guessed.get(place) == truth.get(place) for place in places)
    return right, total


@pytest.mark.parametrize("source", SOURCES)
def test_nine_fields_of_ten_are_guessed_as_people_map_them(tmp_path: Path, source: str) -> None:
    if not (DATA / source).is_dir():
        pytest.skip(f"the real data is absent: {DATA / source}")
    files = load_mapping(MAPPINGS / f"{source}.yml").files
    right, total = right_of([DATA / source / file.path for file in files], files, tmp_path)
    assert right >= 0.9 * total, f"{right} of {total}"


def test_of_all_shared_files_nineteen_fields_of_twenty_are_right(tmp_path: Path) -> None:
    if not FAULTS.is_dir() or not DATA.is_dir():
        pytest.skip(f"the shared files are absent: {FAULTS}")
    counts = []
    for mapping in sorted(FAULTS.glob("*/mapping*.yml")):
        files = load_mapping(mapping).files
        paths = [mapping.parent / file.path for file in files]
        if all(path.exists() for path in paths):
            counts.append(right_of(paths, files, tmp_path))
    assert len(counts) >= 9
    for source in SOURCES:
        files = load_mapping(MAPPINGS / f"{source}.yml").files
        counts.append(right_of([DATA / source / file.path for file in files], files, tmp_path))
    right, total = (sum(part) for part in zip(*counts, strict=True))
    assert right >= 0.95 * total, f"{right} of {total}"


@pytest.mark.parametrize("source", ["beijing_resale", "cdnow"])
def test_a_draft_loads_as_it_stands(tmp_path: Path, source: str) -> None:
    if not (DATA / source).is_dir():
        pytest.skip(f"the real data is absent: {DATA / source}")
    (path,) = (DATA / source).iterdir()
    target = tmp_path / "draft.yml"
    target.write_text(draft_mapping([path], tmp_path, "UTC").text, encoding="utf-8")
    report = stage_source(IngestHome.at(tmp_path).settings, load_mapping(target), NOW, lambda _: None)
    assert report.problems == []
    assert report.batch.quarantined_share < 0.001
