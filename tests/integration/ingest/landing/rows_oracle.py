"""Which rows must be live, by a plain list of deliveries (`rows_machine`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Delivery:
    """A file that a batch read: its lines, and the batch, the number and the mapping of the commit."""

    batch: str
    seq: int
    place: int
    file: str
    lines: tuple[str, ...]
    mapping: int


@dataclass
class Oracle:
    """The deliveries in the order of commit, and the rejected batches."""

    deliveries: list[Delivery] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    never_committed: list[list[tuple[str, tuple[str, ...], int, str]]] = field(default_factory=list)

    @property
    def live(self) -> list[Delivery]:
        return [one for one in self.deliveries if one.batch not in self.rejected]

    def latest(self, name: str) -> Delivery | None:
        return next((one for one in reversed(self.live) if one.file == name), None)

    def to_read(self, files: dict[str, tuple[str, ...]], mapping: int) -> list[str]:
        """The names that a run must read: all but files that were last committed or rejected unchanged."""
        aside: set[str] = set()
        for batch in self.rejected:
            mine = [(one.file, one.lines, one.mapping) for one in self.deliveries if one.batch == batch]
            mine += [one[:3] for staged in self.never_committed for one in staged if one[3] == batch]
            if all(files.get(name) == lines and at == mapping for name, lines, at in mine):
                aside |= {name for name, *_ in mine}
        names = []
        for name, lines in sorted(files.items()):
            latest = self.latest(name)
            known = latest is not None and latest.lines == lines and latest.mapping == mapping
            if not known and name not in aside:
                names.append(name)
        return names

    def rows(self, *, history: bool) -> dict[str, dict[str, str]]:
        """Return the content of each id by the day from which it counts; the day is "" without a history.

        Of one place in the order of commits, the last line of an id and a day counts. A later place replaces a history
        from the first day of that place on.
        """
        places: dict[tuple[int, int], dict[str, dict[str, str]]] = {}
        for one in sorted(self.live, key=lambda one: (one.place, one.seq, one.file)):
            versions = places.setdefault((one.place, one.seq), {})
            for line in one.lines:
                key, content = line.split(",", 1)
                versions.setdefault(f"shop:{key}", {})[content.split(",")[1] if history else ""] = content
        result: dict[str, dict[str, str]] = {}
        for versions in places.values():
            for key, days in versions.items():
                before = {day: content for day, content in result.get(key, {}).items() if day < min(days)}
                result[key] = before | days
        return result

    def repetitions(self) -> dict[str, int]:
        """How often each content is there, where lines have no id: a line as often as in the file that repeats it most
        often."""
        counts = [Counter(one.lines) for one in self.live]
        result: Counter[str] = Counter()
        for line in set().union(*counts):
            result[line.split(",", 1)[1]] += max(count[line] for count in counts)
        return dict(result)

    def leads(self) -> set[str]:
        return {f"shop:{line.split(',')[1]}" for one in self.live for line in one.lines}
