"""The reports that a sender finds beside rejected files: what is wrong where, and what to do, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.batches import Batch
from pipelines.ingest.drop.batches import DroppedBatch, DroppedFile, file_of
from pipelines.ingest.drop.move import NoFreeName
from pipelines.ingest.dry_run import BadLine
from pipelines.ingest.errors import FileRefused
from pipelines.messages import printable

LINES_SHOWN = 50


@dataclass(frozen=True)
class Rejection:
    """The files of a dropped batch that go back, and why: refused one by one, or the whole `over` its bar.

    `lines`: the first lines that are set aside. `names`: what the sender called a file, by its name below the root.
    """

    dropped: DroppedBatch
    files: tuple[DroppedFile, ...]
    refused: tuple[FileRefused, ...] = ()
    over: Batch | None = None
    lines: tuple[BadLine, ...] = ()

    def holds(self, name: str) -> bool:
        """Whether a file or a sheet, by its name below the root, is among those that go back."""
        return file_of(name, {file.file for file in self.files}) is not None

    @property
    def names(self) -> dict[str, str]:
        return {file.file: file.sent for file in self.dropped.files}


def rejected(rejection: Rejection) -> str:
    """The report of files that were read, and rejected by their contents."""
    source, batch = rejection.dropped.source, rejection.over
    parts = [_head([file.sent for file in rejection.files], f"source {source}, batch {rejection.dropped.batch}")]
    if batch:
        parts.append(
            f"Why: {batch.quarantined_share:.1%} of the rows are wrong; at most {batch.quarantine_bar:.1%} may be.\n"
            f"So many wrong rows point at a wrong export. Nothing of it was loaded. (Checked as {batch.batch}.)"
        )
    if rejection.refused:
        refusals = [_refusal(rejection, refusal) for refusal in rejection.refused]
        parts.append("\n".join(["These files cannot be read as agreed:", *refusals]))
    if batch:
        parts += [_balance(rejection, batch), _rules(rejection, batch), _lines(rejection, batch)]
    parts.append(
        f"What to do: mend what is named above, and put the mended files, whole, into drop/{source}/ again.\n"
        "Lines that are loaded already are recognised and do not count twice. If the files are right as they are, ask\n"
        f"whoever runs Tierhouse to correct the mapping of {source}; then put these files into the folder again."
    )
    return _text(parts)


def unread_report(names: Sequence[str], patterns: Mapping[str, Sequence[str]]) -> str:
    """The report of files that no mapping reads."""
    known = [f"  drop/{source}/: {', '.join(paths)}" for source, paths in patterns.items()]
    return _text(
        [
            _head(names, "not loaded"),
            "Why: no source reads a file of that name in that folder. Expected are\n" + ("\n".join(known) or "  none"),
            "What to do: put the files under such a name into such a folder. If they must be read as they are named,\n"
            "ask whoever runs Tierhouse to add their name to the mapping; then put them into the folder again.",
        ]
    )


def already_here(files: Sequence[DroppedFile], here: Mapping[str, str]) -> str:
    """The report of files whose bytes came before."""
    same = [
        f"  {printable(file.sent)}: the same as {here.get(file.sha256, 'another file of this delivery')}"
        for file in files
    ]
    return _text(
        [
            _head([file.sent for file in files], "not needed"),
            "Why: byte for byte the same was received before.\n" + "\n".join(same),
            "What to do: nothing. If something newer was meant, export it again.",
        ]
    )


def taken_name(file: DroppedFile, source: str, taken: NoFreeName) -> str:
    """The report of a file that cannot lie beside an earlier one."""
    return _text(
        [
            _head([file.sent], f"source {source}, not loaded"),
            f"Why: {taken}.",
            "What to do: give the file another name, or ask whoever runs Tierhouse to widen the name in the mapping;\n"
            "then put the file into the folder again.",
        ]
    )


def unreadable(name: str, source: str, problem: str) -> str:
    """The report of a file that may not be opened."""
    return _text(
        [
            _head([name], f"source {source}, not loaded"),
            f"Why: the file cannot be read: {problem}.",
            "What to do: let the user who runs Tierhouse read the file; then put it into the folder again.",
        ]
    )


def odd_names(names: Sequence[str], source: str) -> str:
    """The report of files whose names are not one line of text."""
    return _text(
        [
            _head(names, f"source {source}, not loaded"),
            "Why: expected names that are text in UTF-8, without line breaks and control characters.",
            "What to do: give the files other names; then put them into the folder again.",
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
        f"{one.quarantined:,} wrong, {one.known:,} known already"
        for one in batch.reports
        if rejection.holds(one.file)
    ]
    return "\n".join(["The files:", *rows])


def _rules(rejection: Rejection, batch: Batch) -> str:
    rows = [
        f"  {fault.rows:,} × {fault.rule}{f', field {fault.field}' if fault.field else ''}: "
        f"{_sent(rejection, fault.file)} ({fault.entity})"
        for fault in sorted(batch.faults, key=lambda one: (-one.rows, one.file, one.entity, one.rule, one.field or ""))
        if rejection.holds(fault.file)
    ]
    return "\n".join(
        ["Wrong rows by the first rule that each breaks; a line is a row of each entity that it fills:", *rows]
    )


def _lines(rejection: Rejection, batch: Batch) -> str:
    wrong = sum(one.quarantined for one in batch.reports if rejection.holds(one.file))
    head = f"The first {len(rejection.lines):,} of {wrong:,} wrong rows, by line:"
    rows = [f"  {_sent(rejection, one.file)}, line {one.line:,}, {one.message}" for one in rejection.lines]
    return "\n".join([head, *rows])
