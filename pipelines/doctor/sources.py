"""Checks of the sources: mapping files are right, and their files exist and can be read. Reads no data."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pipelines.doctor.finding import Finding, ok, problem, warning
from pipelines.home.settings import Settings


def sources(settings: Settings) -> Iterator[Finding]:
    """Every mapping file can be used, and each of its paths matches files that this account can read."""
    from pipelines.ingest.errors import FileRefused, MappingError
    from pipelines.ingest.mapping.load import load_mapping
    from pipelines.ingest.reading.files import find_files

    paths = settings.mapping_files
    if not paths:
        yield warning("sources", f"no mapping file in {settings.sources_dir}", "`tierhouse map FILES -o …` drafts one")
    for path in paths:
        check = f"source {path.stem}"
        try:
            mapping = load_mapping(path)
        except MappingError as error:
            yield problem(check, str(error), "correct the mapping; `tierhouse check` tests it")
            continue
        found, faults = [], []
        for entry in mapping.files:
            try:
                files, refused = find_files(mapping, entry)
            except FileRefused as error:
                faults.append(str(error))
                continue
            found += files
            faults += [str(refusal) for refusal in refused]
            faults += [f"{file.name}: permission denied" for file in files if not os.access(file, os.R_OK)]
        for fault in faults:
            yield problem(check, fault, "correct the path in the mapping, or deliver the file")
        if not faults:
            yield ok(check, f"{len(found):,} files")


def connections(settings: Settings) -> Iterator[Finding]:
    """Every connection file can be used, and its secrets are set. Connects to nothing."""
    from pipelines.connect.connection import load_connection
    from pipelines.errors import TierhouseError

    for path in settings.connection_files:
        try:
            connection = load_connection(path)
            connection.secret_values()
        except TierhouseError as error:
            yield problem(f"connection {path.stem}", str(error), "correct it: see docs/connections.md")
        else:
            yield ok(f"connection {path.stem}", f"{len(connection.tables):,} tables")


def drop_folder(settings: Settings) -> Iterator[Finding]:
    """No delivery was sent back."""
    rejected = settings.drop / "rejected"
    batches = sorted(folder.name for folder in rejected.iterdir()) if rejected.is_dir() else []
    if batches:
        yield warning(
            "drop folder",
            f"{len(batches)} rejected deliveries, the last {batches[-1]}",
            f"send report.txt from {rejected} to the sender, then delete the folder",
        )
    else:
        yield ok("drop folder", "no rejected delivery")
