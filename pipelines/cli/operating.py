"""Commands about results: show and decide (`status`, `accept`, `reject`, `rollback`, `demote`), and hand over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from pipelines.cli.options import DAY, with_home, with_settings
from pipelines.home.settings import Settings


@click.command(epilog="Example: TIERHOUSE_HOME=~/graded tierhouse status")
@with_settings
@with_home
def status(settings: Settings) -> None:
    """Show batches, models, published versions and the last runs."""
    from pipelines.cli.show import show_status

    show_status(settings)


@click.command(epilog="Example: tierhouse accept crm/leads --reason 'the portal was closed'")
@click.argument("check")
@click.option("--as-of", type=DAY, help="First day of the change. Default: the first unusual day of the last run.")
@click.option("--reason", required=True, help="Why the change is real.")
@with_settings
@with_home
def accept(settings: Settings, check: str, as_of: date | None, reason: str) -> None:
    """Accept an unusual change as real.

    Later runs compare CHECK only with days since the change. CHECK is the path that a run prints, such as
    crm/leads/volume_day. A shorter path, such as crm/leads, accepts all checks below it.
    """
    from pipelines.history.accept import accept_change
    from pipelines.privacy.audit import record

    acceptance = accept_change(settings, check, as_of, reason)
    record(settings, "override", acceptance.check, {"accepted from": str(acceptance.accepted_from), "reason": reason})
    click.echo(f"{acceptance.check} is accepted from {acceptance.accepted_from} on; run the day again")


@click.command(epilog="Example: tierhouse reject demo-1f0c2a9b77de --reason 'the branch sent last year again'")
@click.argument("batch")
@click.option("--reason", required=True, help="Why the batch is rejected.")
@with_settings
@with_home
def reject(settings: Settings, batch: str, reason: str) -> None:
    """Reject BATCH: later runs do not read it.

    BATCH is the id of a staged or landed batch (see `tierhouse status`). Its files are read again when they change.
    Rows that a later batch delivered again stay, as rows of that batch.
    """
    from pipelines.ingest.landing import reject as reject_batch
    from pipelines.privacy.audit import record

    again = reject_batch(settings, batch, reason)
    record(settings, "override", batch, {"rejected": reason})
    click.echo(f"{batch} is rejected; the next run grades without it")
    for later in again:
        rows = sum(through.rows for through in later.through if through.batch == batch)
        click.echo(f"{rows:,} of its rows stay: {later.batch} delivered them again. Reject it too if they are wrong")


@click.command(epilog="Example: tierhouse rollback 2026-06-29-1f0c2a9b")
@click.argument("version")
@click.option("--despite-opt-outs", is_flag=True, help="Allow lists that market to customers who have opted out since.")
@with_settings
@with_home
def rollback(settings: Settings, version: str, despite_opt_outs: bool) -> None:
    """Make the kept VERSION live again.

    It stays live until a run publishes the same day or a later day. `tierhouse status` lists the kept versions.
    """
    from pipelines.privacy.audit import record
    from pipelines.publish.opted_out_since import assert_nobody_opted_out_since
    from pipelines.publish.switch import roll_back

    if not despite_opt_outs:
        assert_nobody_opted_out_since(settings.published, version)
    roll_back(settings, version)
    record(settings, "override", version, {"rolled back": "despite opt-outs" if despite_opt_outs else "yes"})
    click.echo(f"{settings.published / 'current'} is now {version}")
    if settings.postgres_url:
        _publish_to_postgres(settings)


@click.command(name="publish-postgres", epilog="Example: tierhouse publish-postgres")
@with_settings
@with_home
def publish_postgres(settings: Settings) -> None:
    """Publish the live version to PostgreSQL again.

    A run does it after each publication. This command repeats it after a failure or in a new database
    (TIERHOUSE_POSTGRES_URL). Readers keep the version that they have until the new one is complete.
    """
    _publish_to_postgres(settings)


def _publish_to_postgres(settings: Settings) -> None:
    """Make the live version of the files live in PostgreSQL, also if it is of an older day."""
    from pipelines.publish.postgres.publish import publish

    done = publish(settings, click.echo, to_older_day=True)
    click.echo(str(done))
    for note in done.notes:
        click.echo(note)


@click.command(epilog="Example: tierhouse demote dormancy --horizon 90")
@click.argument("target")
@click.option("--horizon", type=int, help="Days ahead. Default: the horizon of the grades.")
@with_settings
@with_home
def demote(settings: Settings, target: str, horizon: int | None) -> None:
    """Demote the champion of TARGET. The next run scores with the model before it."""
    from models.features.targets import TARGETS, target_of
    from pipelines.scoring.signatures import take_back

    days = horizon or (TARGETS[target].grading_horizon if target in TARGETS else 0)
    model = take_back(settings, target_of(target, days).name, days)
    click.echo(f"{model.model_id} scores {target}, {days} days, from the next run on")


@click.command(
    epilog="\b\nExamples:\n  tierhouse export crm --for zoho -o ~/import.csv\n"
    "  tierhouse export crm --for fxiaoke -o ~/import.csv --all"
)
@click.argument("source")
@click.option(
    "--for", "system", required=True, type=click.Choice(["zoho", "fxiaoke"]), help="CRM that imports the file."
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@click.option("--all", "everything", is_flag=True, help="Write all records, not only those that changed.")
@with_settings
@with_home
def export(settings: Settings, source: str, system: str, output: Path, everything: bool) -> None:
    """Write an import file for the CRM of SOURCE.

    The file has the records whose grade, action or opt-out changed since the last file of this command, by the record
    id, in the headers and the encoding of the CRM. It is for the CRM alone: it names records beside grades.
    """
    from pipelines.privacy.audit import record
    from pipelines.publish.crm_changes import write_changes

    if output.exists():
        raise click.ClickException(f"{output} exists: import it first and move it away, or choose another file")
    if not output.parent.is_dir():
        raise click.ClickException(f"{output.parent} is no folder: create it, or choose another file")
    written, records = write_changes(settings, source, system, output, everything=everything)
    record(settings, "export", source, {"system": system, "records": written})
    click.echo(f"written: {output} ({written:,} of {records:,} records of {source})")


@click.command(
    epilog="\b\nExamples:\n  tierhouse access crm:L-1029 -o ~/held.json\n  tierhouse access 13800138000 -o ~/held.json"
)
@click.argument("person")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@with_settings
@with_home
def access(settings: Settings, person: str, output: Path) -> None:
    """Write what is held about PERSON to a file, for a request of access.

    PERSON is a record as source:lead_id, a phone or an e-mail. The file (JSON) has the rows of all sources, quarantined
    lines, grades with their reasons, and the grades of past days. It is personal data: hand it over, then delete it.
    """
    from pipelines.privacy.access import write_access
    from pipelines.privacy.audit import record
    from pipelines.privacy.erase import subject

    if output.exists():
        raise click.ClickException(f"{output} exists: choose another file, or move it away")
    if not output.parent.is_dir():
        raise click.ClickException(f"{output.parent} is no folder: create it, or choose another file")
    found, held = write_access(settings, person, output)
    record(settings, "access", subject(settings, found), {"rows": sum(held.values())})
    click.echo(f"written: {output} ({', '.join(f'{rows:,} {kind}' for kind, rows in held.items())})")


@click.command(epilog="Example: tierhouse report --open")
@click.option("--as-of", type=DAY, help="Day of a kept version. Default: the live version.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@with_settings
@with_home
def report(settings: Settings, as_of: date | None, opens: bool) -> None:
    """Build the report of the live version, or of a kept day.

    Writes report.html and a page per agent beside the tables of the version, and prints the path. Each run builds
    the report of its day: build it again after an update of tierhouse, or for a version without a report.
    """
    from pipelines.report.build import build_report, version_to_report

    page = build_report(settings, version_to_report(settings.published, as_of))
    click.echo(page)
    if opens and not _open(page.as_uri()):
        raise click.ClickException("no browser can be opened on this machine: open the page by its path")


def _open(address: str) -> bool:
    import webbrowser

    return webbrowser.open(address)
