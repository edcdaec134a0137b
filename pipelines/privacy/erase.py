"""`tierhouse erase`: removes a person from everything that a home has, and keeps a mark so that nobody comes back."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC

from filelock import FileLock, Timeout

from pipelines.errors import TierhouseError
from pipelines.home.durable import remove
from pipelines.home.key import load_secret, pseudonym
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect_in_memory
from pipelines.ingest.landing.erased import RECORD, marks_file, read_marks
from pipelines.integrity.leftovers import clean_up
from pipelines.privacy.audit import record
from pipelines.privacy.landing import LandingErasure
from pipelines.privacy.logs import remove_from_logs, remove_working_files
from pipelines.privacy.outputs import (
    remove_from_decisions,
    remove_from_ledger,
    remove_from_published,
    remove_truth,
)
from pipelines.privacy.person import Person, find_person
from pipelines.privacy.redo import Redo, apply, plan_file
from pipelines.privacy.sources import SourceErasure


class NothingToResume(TierhouseError):
    """No erasure was interrupted."""


@dataclass(frozen=True)
class Erasure:
    """What was removed, or would be removed, by place; and what must be removed by hand."""

    counts: dict[str, int]
    left: list[str]


@contextmanager
def home_lock(settings: Settings, say: Callable[[str], None]) -> Generator[None]:
    """Hold the home as a run does: no run changes it meanwhile. Waits for a run that is under way."""
    locks = settings.dagster_home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / "home", poll_interval=2, thread_local=False)
    try:
        held = lock.acquire(blocking=False)
    except Timeout:
        say("waiting for a run to finish")
        held = lock.acquire()
    with held:
        yield


def look_up(settings: Settings, person: str) -> Person:
    """Return the person that would be erased. Reads only. Raises PersonUnknown."""
    with connect_in_memory(settings) as connection:
        return find_person(connection, settings, person)


def erase(settings: Settings, person: Person, say: Callable[[str], None], *, dry_run: bool = False) -> Erasure:
    """Remove a person from the home. Can be killed: before the plan is written nothing has changed, then `resume`.

    `dry_run`: write the new files aside, count, and remove them again. The caller holds `home_lock`.
    """
    if not dry_run:
        clean_up(settings, say)
    redo = Redo(settings)
    redo.begin()
    try:
        _plan(settings, person, redo, say, dry_run)
        if dry_run:
            return Erasure(dict(+redo.counts), redo.left)
        if settings.postgres_url:
            # Before the plan: a killed erasure is repeated from here, and PostgreSQL has nothing left then.
            redo.counts["PostgreSQL: rows"] = _erase_from_postgres(settings, person)
        redo.seal()
    finally:
        if not plan_file(settings.erasing).exists():
            remove(settings.erasing)
    say("putting the new files in place")
    return _finish(settings, subject(settings, person.records[0]))


def resume(settings: Settings, say: Callable[[str], None]) -> Erasure:
    """Carry an interrupted erasure to its end. Raises NothingToResume. The caller holds `home_lock`."""
    if not plan_file(settings.erasing).exists():
        raise NothingToResume("no erasure was interrupted after it had begun to change files: run it again")
    say("finishing an interrupted erasure")
    return _finish(settings, "resumed")


def subject(settings: Settings, record_key: str) -> str:
    """Return the text that names a person in the audit log: a keyed hash of a record."""
    return pseudonym(RECORD + record_key, load_secret(settings))


def _erase_from_postgres(settings: Settings, person: Person) -> int:
    from pipelines.publish.postgres.erase import erase_customers

    return erase_customers(settings, person.customers)


def _finish(settings: Settings, about: str) -> Erasure:
    counts, left = apply(settings)
    counts = {place: number for place, number in counts.items() if number}
    record(settings, "erase", about, {"removed": counts, "left": len(left)})
    return Erasure(counts, left)


def _plan(settings: Settings, person: Person, redo: Redo, say: Callable[[str], None], dry_run: bool) -> None:
    with connect_in_memory(settings) as connection:
        landing = LandingErasure(connection, settings, person, redo)
        say("landing and quarantine")
        landing.remove_rows()
        say("files of the sources")
        SourceErasure(connection, settings, person, redo, landing).remove()
        landing.rewrite_manifests()
    say("ledger, published versions and exports")
    remove_from_ledger(settings, person, redo)
    remove_from_decisions(settings, person, redo)
    remove_from_published(settings, person, redo)
    remove_truth(settings, person, redo)
    say("working files and logs")
    remove_working_files(settings, redo)
    remove_from_logs(settings, person, redo, dry_run=dry_run)
    if person.shared:
        redo.left.append(f"{person.shared} phones or e-mails of the person stay: leads of other persons have them too")
    at = settings.now().astimezone(UTC).replace(tzinfo=None)
    marks = read_marks(settings).adding(load_secret(settings), person.records, person.contacts, at)
    redo.new(marks_file(settings)).write_text(marks.to_json(), encoding="utf-8")
