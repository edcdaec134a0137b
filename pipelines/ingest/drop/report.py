"""The reports beside rejected files. They tell the sender what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.batches import Batch
from pipelines.ingest.drop.batches import DroppedBatch, DroppedFile, file_of
from pipelines.ingest.drop.move import NoFreeName
from pipelines.ingest.dry_run import BadLine
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.typing.emptied import emptied_lines, unread_fields
from pipelines.messages import printable

LINES_SHOWN = 50


@dataclass(frozen=True)
class Rejection:
    """The rejected files of a dropped batch.

    `refused`: files that cannot be read. `over`: the staged batch if it is over its quarantine bar. `lines`: its first
    quarantined rows.
    """

    dropped: DroppedBatch
    files: tuple[DroppedFile, ...]
    refused: tuple[FileRefused, ...] = ()
    over: Batch | None = None
    lines: tuple[BadLine, ...] = ()

    def contains(self, name: str) -> bool:
        """Whether a file or a sheet, by its name below the root, is rejected."""
        return file_of(name, {file.file for file in self.files}) is not None

    @property
    def names(self) -> dict[str, str]:
        """Name below the root to name by the sender."""
        return {file.file: file.sent for file in self.dropped.files}


def rejection_report(rejection: Rejection) -> str:
    """The report of files that were rejected for their contents."""
    source, batch = rejection.dropped.source, rejection.over
    parts = [_head([file.sent for file in rejection.files], f"source {source}, batch {rejection.dropped.batch}")]
    if batch and batch.quarantined_share > batch.quarantine_bar:
        parts.append(
            f"Why: {batch.quarantined_share:.1%} of the rows are wrong, at most {batch.quarantine_bar:.1%} may be.\n"
            f"With so many wrong rows the export itself is probably wrong. No row was loaded. (Batch {batch.batch}.)"
        )
    if batch and (unread := unread_fields(batch)):
        lines = [f"  {line}" for line in emptied_lines(batch.emptied, unread)]
        parts.append("\n".join(["Why: most values of a column do not fit. No row was loaded.", *lines]))
    if rejection.refused:
        refusals = [_refusal(rejection, refusal) for refusal in rejection.refused]
        parts.append("\n".join(["These files cannot be read:", *refusals]))
    if batch:
        parts += [_balance(rejection, batch)]
    if batch and batch.faults:
        parts += [_rules(rejection, batch), _lines(rejection, batch)]
    parts.append(
        f"What to do: correct the errors above and put the complete files into drop/{source}/ again.\n"
        "Rows that are already loaded are recognised and do not count twice. If the files are correct, ask the\n"
        f"operator of Tierhouse to correct the mapping of {source}; then put these files into drop/{source}/ again."
    )
    return _text(parts)


def unread_report(names: Sequence[str], patterns: Mapping[str, Sequence[str]]) -> str:
    """The report of files that no mapping reads."""
    expected = [f"  drop/{source}/: {', '.join(paths)}" for source, paths in patterns.items()]
    return _text(
        [
            _head(names, "not loaded"),
            "Why: no mapping reads a file with this name in this folder. Expected names:\n"
            + ("\n".join(expected) or "  none"),
            "What to do: put the files into one of these folders with an expected name. If their names are right,\n"
            "ask the operator of Tierhouse to add the names to the mapping; then put the files into the folder again.",
        ]
    )


def duplicate_report(files: Sequence[DroppedFile], existing: Mapping[str, str]) -> str:
    """The report of files that were received before. `existing`: SHA-256 to name of an existing file."""
    same = [
        f"  {printable(file.sent)}: the same as {existing.get(file.sha256, 'another file of this delivery')}"
        for file in files
    ]
    return _text(
        [
            _head([file.sent for file in files], "not needed"),
            "Why: a file with exactly the same bytes was received before.\n" + "\n".join(same),
            "What to do: nothing. If you meant to send newer data, export it again.",
        ]
    )


def no_free_name_report(file: DroppedFile, source: str, error: NoFreeName) -> str:
    """The report of a file whose name is taken by an earlier file."""
    return _text(
        [
            _head([file.sent], f"source {source}, not loaded"),
            f"Why: {error}.",
            "What to do: give the file another name, or ask the operator of Tierhouse to extend the name in the\n"
            "mapping; then put the file into the folder again.",
        ]
    )


def unreadable_report(name: str, source: str, problem: str) -> str:
    """The report of a file that the system does not let us open."""
    return _text(
        [
            _head([name], f"source {source}, not loaded"),
            f"Why: the file cannot be read: {problem}.",
            "What to do: give the operator of Tierhouse permission to read the file;\n"
            "then put it into the folder again.",
        ]
    )


def invalid_names_report(names: Sequence[str], source: str) -> str:
    """The report of files whose names are not a single line of text."""
    return _text(
        [
            _head(names, f"source {source}, not loaded"),
            "Why: expected names that are text in UTF-8, without line breaks and control characters.",
            "What to do: rename the files; then put them into the folder again.",
        ]
    )


def _text(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _head(names: Sequence[str], about: str) -> str:
    return f"Tierhouse could not take {', '.join(map(printable, names))} ({about})."


def _sent(rejection: Rejection, name: str) -> str:
    """The sender's name of a file or of a sheet (`book.xlsx#sheet`)."""
    file = file_of(name, rejection.names) or name
    sheet = name.removeprefix(file).removeprefix("#")
    return printable(f"{rejection.names.get(file, file)}{sheet and ', sheet '}{sheet}")


def _refusal(rejection: Rejection, refusal: FileRefused) -> str:
    line = f", line {refusal.line:,}" if refusal.line else ""
    column = f", field {refusal.field}" if refusal.field else ""
    return f"  {_sent(rejection, refusal.file)}{line}{column}: {refusal.reason}"


def _balance(rejection: Rejection, batch: Batch) -> str:
    rows = [
        f"  {_sent(rejection, one.file)} ({one.entity}): {one.lines:,} rows: {one.accepted:,} good, "
        f"{one.quarantined:,} wrong, {one.known:,} already known"
        for one in batch.reports
        if rejection.contains(one.file)
    ]
    return "\n".join(["The files:", *rows])


def _rules(rejection: Rejection, batch: Batch) -> str:
    rows = [
        f"  {fault.rows:,} × {fault.rule}{f', field {fault.field}' if fault.field else ''}: "
        f"{_sent(rejection, fault.file)} ({fault.entity})"
        for fault in sorted(batch.faults, key=lambda one: (-one.rows, one.file, one.entity, one.rule, one.field or ""))
        if rejection.contains(fault.file)
    ]
    return "\n".join(
        ["Wrong rows by the first rule that they break (a line has one row for each of its entities):", *rows]
    )


def _lines(rejection: Rejection, batch: Batch) -> str:
    wrong = sum(one.quarantined for one in batch.reports if rejection.contains(one.file))
    head = f"The first {len(rejection.lines):,} of {wrong:,} wrong rows, by line:"
    rows = [f"  {_sent(rejection, one.file)}, line {one.line:,}, {one.message}" for one in rejection.lines]
    return "\n".join([head, *rows])
