"""Errors of ingestion. A message begins with the file, and with the line and the field if they are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.errors import TierhouseError
from pipelines.home.lined_yaml import Node
from pipelines.messages import printable, without_contacts


class IngestError(TierhouseError):
    """Ingestion cannot continue. The message says what to do."""


@dataclass(frozen=True)
class MappingFault:
    """One fault of a mapping file: 1-based line, dotted place such as `leads.created_at`, and what is wrong."""

    line: int
    place: str
    message: str


class MappingError(IngestError):
    """A mapping file that cannot be used. The text has one line for each fault."""

    def __init__(self, file: str, faults: list[MappingFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.place))
        lines = (f"line {f.line}, {f.place}: {f.message}" for f in self.faults)
        super().__init__("\n".join(f"{printable(file)}, {printable(without_contacts(line))}" for line in lines))
        self.file: str = file  # pyrefly: ignore[bad-override-mutable-attribute]  # always known here


@dataclass
class Faults:
    """Collects the faults of one mapping file, so that a user sees all of them at once."""

    file: str
    found: list[MappingFault] = field(default_factory=list)

    def add(self, node: Node, place: str, message: str) -> None:
        self.found.append(MappingFault(node.line, place, message))

    def raise_if_any(self) -> None:
        if self.found:
            raise MappingError(self.file, self.found)


class FileRefused(IngestError):
    """A file that cannot be read as its mapping says. The other files and sources are still read.

    Phones and e-mails are removed from the reason, but not from the file name: the user needs it to find the file.
    """

    def __init__(self, file: str, message: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(printable(without_contacts(message)), file=printable(file), line=line, field=field)
        self.file: str = file  # pyrefly: ignore[bad-override-mutable-attribute]  # always known here
