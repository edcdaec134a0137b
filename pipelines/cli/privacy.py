"""`tierhouse erase`, `retention` and `audit`: remove persons, and show the log of what was done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings

if TYPE_CHECKING:
    from pipelines.privacy.erase import Erasure
    from pipelines.privacy.person import Person


@click.command(
    epilog="\b\nExamples:\n  tierhouse erase crm:L0042 --dry-run\n  tierhouse erase 13800138000\n"
    "  tierhouse erase li.na@example.com --yes"
)
@click.argument("person", required=False)
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--resume", "resumes", is_flag=True, help="Finish an erasure that was interrupted.")
@with_settings
@with_home
def erase(settings: Settings, person: str | None, dry_run: bool, yes: bool, resumes: bool) -> None:
    """Remove PERSON from everything in the home.

    PERSON is a record id (source:id, as in the CRM export), a phone or an e-mail. Records that are linked with it as
    one customer are removed too. Keyed marks stay, so that a file that is sent again does not bring the person back.
    Removes files of sources below the home; names the lines of files outside it. Exits with 1 if something must be
    removed by hand. Grade the day again afterwards.
    """
    from pipelines.home.prepare import check_home
    from pipelines.privacy import erase as work

    with work.home_lock(settings, _say):
        if resumes:
            _show(work.resume(settings, _say), "removed")
            return
        if person is None:
            raise click.UsageError("expected a PERSON: a record id, a phone or an e-mail")
        check_home(settings, _say)
        found = work.look_up(settings, person)
        _show_person(found)
        if not dry_run and not yes:
            click.confirm("Remove them for ever?", abort=True)
        done = work.erase(settings, found, _say, dry_run=dry_run)
    _show(done, "would be removed" if dry_run else "removed")


@click.command(epilog="Example: tierhouse audit --lines 50")
@click.option("--lines", default=20, show_default=True, type=click.IntRange(1), help="Entries to show.")
@with_settings
@with_home
def audit(settings: Settings, lines: int) -> None:
    """Show exports, erasures, access and overrides: when, by whom, about what.

    A person is named by a keyed hash. The log is <home>/audit/log.jsonl.
    """
    from pipelines.privacy.audit import entries

    shown = entries(settings)[-lines:]
    for entry in shown:
        detail = ", ".join(f"{name}: {_text(value)}" for name, value in entry.detail.items())
        click.echo(f"{entry.at[:19].replace('T', ' ')}  {entry.action:<10} {entry.by:<12} {entry.subject}  {detail}")
    if not shown:
        click.echo("nothing yet: the log begins with the first export, erasure, access or override")


@click.command(epilog="\b\nExamples:\n  tierhouse retention           show what is due\n  tierhouse retention --apply")
@click.option("--apply", "applies", is_flag=True, help="Remove what is due.")
@with_settings
@with_home
def retention(settings: Settings, applies: bool) -> None:
    """Show or remove what has reached the end of its retention period.

    <home>/retention.csv has the periods in days: `leads` without a deal and `customers` with one are erased after this
    time without activity, and the lines of the `quarantine` lose their text. Without the file everything is kept. The
    job `retention` of the UI applies the periods every Sunday.
    """
    from pipelines.home.prepare import check_home
    from pipelines.privacy.erase import home_lock
    from pipelines.privacy.retention import ENTITIES, apply_periods, find_due, read_periods

    periods = read_periods(settings)
    if not periods:
        click.echo(
            f"{settings.retention} does not exist, so everything is kept. An example, with days:\n\n"
            "entity,days\nleads,1095\ncustomers,3650\nquarantine,180"
        )
        return
    with home_lock(settings, _say):
        check_home(settings, _say)
        due = find_due(settings, periods)
        for entity in (name for name in ENTITIES if name in periods):
            unit = "batches" if entity == "quarantine" else "persons"
            click.echo(f"{entity:<11} kept {periods[entity]:,} days; {unit} that are due: {due.count(entity):,}")
        counts = apply_periods(settings, due, _say) if applies else {}
    for place, number in sorted(counts.items()):
        click.echo(f"{number:>8,}  {place}")
    if counts:
        click.echo("Totals still count the persons until the day is graded again: tierhouse run --as-of DAY")


@click.command(name="rotate-key", epilog="Example: tierhouse rotate-key 'a BI export was lost'")
@click.argument("reason")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_settings
@with_home
def rotate_key(settings: Settings, reason: str, yes: bool) -> None:
    """Give every customer a new customer_id, from the next run on.

    For the case that a key or a publication was lost. Grades, history, marks of erased persons, and ids that the
    mapping makes stay as they are. Earlier publications cannot be joined with later ones.
    """
    from pipelines.home.key import home_fingerprint, rotate
    from pipelines.home.prepare import check_home
    from pipelines.home.remembered import accept
    from pipelines.privacy.audit import record
    from pipelines.privacy.erase import home_lock

    if not reason.strip():
        raise click.ClickException("expected a reason, got none: home.json keeps it with the change")
    with home_lock(settings, _say):
        check_home(settings, _say)
        if home_fingerprint(settings) is None:
            raise click.ClickException("this home has no key yet, the first run makes it: nothing to rotate")
        if not yes:
            click.confirm(
                "Every customer_id changes with the next run, and dashboards lose their joins. Go on?", abort=True
            )
        rotate(settings)
        accept(settings, home_fingerprint(settings), reason.strip(), settings.now())
        record(settings, "override", "key rotated", {"reason": reason.strip()})
    click.echo("Rotated. The next run publishes new ids: tierhouse run. Kept versions have the old ids until they go.")


def _text(value: object) -> str:
    return f"{sum(value.values()):,}" if isinstance(value, dict) else str(value)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _show_person(person: Person) -> None:
    sources = ", ".join(f"{source} ({len(person.ids(source))})" for source in person.sources)
    click.echo(f"records: {len(person.records)}, sources: {sources}; phones and e-mails: {len(person.contacts)}")


def _show(done: Erasure, verb: str) -> None:
    for place, number in sorted(done.counts.items()):
        click.echo(f"{number:>8,}  {place}")
    click.echo(f"{verb}: {sum(done.counts.values()):,} rows, cells and files")
    for line in done.left:
        click.echo(f"left: {line}")
    if verb == "removed":
        click.echo("Totals still count the person until the day is graded again: tierhouse run --as-of DAY")
    sys.exit(1 if done.left else 0)
