"""`tierhouse check` and `map` prepare the mapping of a source, `quarantine` mends its rows."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings, load_settings


@click.command(epilog="\b\nExamples:\n  tierhouse check crm\n  tierhouse check ~/drafts/crm.yml --lines 100")
@click.argument("source")
@click.option("--lines", default=20, show_default=True, type=click.IntRange(0), help="Quarantined lines to show.")
def check(source: str, lines: int) -> None:
    """Test the mapping of SOURCE without loading anything.

    Reads the files of SOURCE and shows which rows a run would accept or quarantine, and why. SOURCE is the name of a
    mapping in the sources folder, or the path of a mapping file. Exits with 1 if a run would refuse a file, the batch,
    the exchange rates of the home or its decisions about identity.
    """
    from pipelines.identity.pairs.overrides import override_problems
    from pipelines.ingest.dry_run import dry_run
    from pipelines.ingest.typing.emptied import emptied_lines, unread_fields
    from pipelines.rules.fx_rates import rate_problems

    settings = load_settings()
    result = dry_run(settings, source, lines)
    report, batch = result.report, result.report.batch
    own_tables = [*rate_problems(settings), *override_problems(settings)]
    for row in report.files:
        click.echo(
            f"{row.file}, {row.entity}: {row.lines:,} rows: {row.accepted:,} accepted, "
            f"{row.quarantined:,} quarantined, {row.known:,} already known"
        )
    for note in report.notes:
        click.echo(f"note: {note}")
    for problem in report.problems + own_tables:
        click.echo(f"refused: {problem}")
    if batch and batch.faults:
        click.echo(
            f"\nQuarantined: {batch.quarantined:,} rows of {batch.quarantined_lines:,} lines, by the first rule:"
        )
        for fault in batch.faults:
            click.echo(f"  {fault.rows:>8,}  {fault.rule:<14} {fault.field or '-':<20} {fault.file}, {fault.entity}")
        click.echo(f"\nThe first {len(result.lines):,} rows:" if lines else "")
        for line in result.lines:
            click.echo(f"  {line.file}, line {line.line:,}, {line.entity}: {line.message}")
    if batch and batch.emptied:
        click.echo("\nOptional fields with values that do not fit; their rows are loaded without them:")
        for line in emptied_lines(batch.emptied):
            click.echo(f"  {line}")
    if batch:
        for entity, field in unread_fields(batch):
            click.echo(f"\nMost values of {entity}.{field} do not fit: correct its mapping, or remove the field.")
        against = "over" if batch.quarantined_share > batch.quarantine_bar else "within"
        click.echo(f"\n{batch.quarantined_share:.1%} quarantined, {against} the bar of {batch.quarantine_bar:.1%}.")
    passes = result.passes and not own_tables
    click.echo("Nothing was loaded." if passes else "Nothing was loaded; a run would not take all of it.")
    sys.exit(0 if passes else 1)


@click.command(
    name="map",
    epilog="\b\nExample:\n  tierhouse map ~/exports/leads.csv ~/exports/deals.csv -o ~/graded/sources/crm.yml",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the mapping to this file.")
def map_file(files: tuple[Path, ...], output: Path | None) -> None:
    """Draft a mapping for FILES of one system.

    Guesses encoding, delimiter, header, types and contract fields. Comments in the draft mark the guesses that
    you should review. Then run `tierhouse check`.
    """
    from pipelines.ingest.draft import draft_mapping

    home = output.parent if output else Path.cwd()
    draft = draft_mapping(files, home, load_settings().timezone, output.stem if output else None)
    if output is None:
        click.echo(draft.text, nl=False)
    elif output.exists():
        raise click.ClickException(f"{output} exists: choose another file, or move it away")
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(draft.text, encoding="utf-8")
        click.echo(f"written: {output}")
    if draft.template:
        click.echo(f"template: {draft.template}", err=True)
    for doubt in draft.doubts:
        click.echo(f"unsure: {doubt}", err=True)


@click.group()
def quarantine() -> None:
    """List, show and correct the rows that broke the contract.

    \b
    tierhouse quarantine list                        which rules were broken, where, how often
    tierhouse quarantine show BATCH                  the first lines, each with its faults
    tierhouse quarantine show BATCH --csv rows.csv   the rows, to be corrected in a spreadsheet
    tierhouse quarantine resubmit rows.csv           check them; the next run loads them
    """


@quarantine.command(name="list", epilog="\b\nExamples:\n  tierhouse quarantine list\n  tierhouse quarantine list crm")
@click.argument("source", required=False)
@with_settings
@with_home
def list_groups(settings: Settings, source: str | None) -> None:
    """List the quarantined rows by batch, file and the first rule that they break, newest batch first.

    Then the values of optional fields that do not fit: their rows are loaded, with the texts in `extra` of landing.
    """
    from pipelines.ingest.landing.manifests import committed
    from pipelines.ingest.mending.rows import groups
    from pipelines.ingest.typing.emptied import emptied_lines

    found = groups(settings, source)
    for group in found:
        mended = f", {group.mended:,} mended" if group.mended else ""
        field = f" of {group.field}" if group.field else ""
        click.echo(
            f"{group.batch}  {group.rows:>8,} rows{mended}  {group.rule}{field}  "
            f"{group.file}, {group.entity}, first in line {group.line:,}"
        )
    click.echo(f"{sum(group.rows for group in found):,} quarantined rows." if found else "Nothing is in quarantine.")
    for batch in reversed(committed(settings)):
        if source in (None, batch.source):
            for line in emptied_lines(batch.emptied):
                click.echo(f"{batch.batch}  {line}")


@quarantine.command(
    epilog="\b\nExamples:\n  tierhouse quarantine show crm-1f0c2a9b77de\n"
    "  tierhouse quarantine show crm-1f0c2a9b77de --file leads.csv --csv ~/rows.csv"
)
@click.argument("batch")
@click.option("--file", "name", help="Rows of this file only, as `tierhouse quarantine list` names it.")
@click.option("--lines", default=20, show_default=True, type=click.IntRange(1), help="Rows to show.")
@click.option("--csv", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write all rows to this file.")
@with_settings
@with_home
def show(settings: Settings, batch: str, name: str | None, lines: int, target: Path | None) -> None:
    """Show the quarantined rows of BATCH with their faults, without what they contain.

    With --csv, the rows are written in the columns of their file, to be corrected. That file names people: delete it
    when its rows are resubmitted.
    """
    from pipelines.ingest.dry_run import find_source
    from pipelines.ingest.mapping.load import load_mapping
    from pipelines.ingest.mending.rows import find_batch, lines_of, write_rows

    source, stored = find_batch(settings, batch)
    found = lines_of(stored, name, None if target else lines)
    if not found:
        raise click.ClickException(f"{batch} has no quarantined row of {name}")
    if target is None:
        for line in found:
            click.echo(f"{line.file}, line {line.line:,}, {line.entity}: {line.message}")
        return
    if files := sorted({line.file for line in found})[1:]:
        names = ", ".join([found[0].file, *files])
        raise click.ClickException(f"{batch} has rows of several files, choose one with --file: {names}")
    if target.exists():
        raise click.ClickException(f"{target} exists: choose another file, or move it away")
    written = write_rows(load_mapping(find_source(settings, source)), batch, found, target)
    click.echo(f"written: {target} ({written:,} rows). Correct them, then: tierhouse quarantine resubmit {target}")


@quarantine.command(epilog="Example: tierhouse quarantine resubmit ~/rows.csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
@with_home
def resubmit(settings: Settings, file: Path) -> None:
    """Take the corrected rows of FILE, as `tierhouse quarantine show --csv` wrote it.

    Rows may be deleted from FILE. If a row still breaks the contract, nothing is taken. The next run loads the rows, as
    known from that run on; landing keeps which quarantined line each row corrects.
    """
    from pipelines.ingest.mending.resubmit import resubmit as take

    target, rows = take(settings, file)
    click.echo(f"{rows:,} corrected rows wait in {target}; the next run loads them. Delete {file} now.")


@click.command(epilog="\b\nExamples:\n  tierhouse pull\n  tierhouse pull crm_db --full")
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="Read all rows, not only those that changed since the last pull.")
@click.option("--accept-deletions", is_flag=True, help="Accept that more than half of the known rows are gone.")
def pull(name: str | None, full: bool, accept_deletions: bool) -> None:
    """Pull new, changed and deleted rows of databases and CRM APIs.

    Reads the connection NAME, or all connections, of the folder `connections` of the home and writes Parquet files
    into its folder `pulled`, which mappings read. `tierhouse run` pulls by itself. Exits with 1 if a table could not
    be pulled; the other tables are pulled.
    """
    from pipelines.connect.pull import TableReport
    from pipelines.connect.pull import pull as pull_connection
    from pipelines.errors import TierhouseError, plain_error

    settings = load_settings()
    names = [name] if name else [file.stem for file in settings.connection_files]
    if not names:
        raise click.ClickException(f"there is no connection in {settings.connections_dir}: see docs/connections.md")

    def show(report: TableReport) -> None:
        rows = f"{report.changed:,} new or changed rows, {report.deleted:,} deleted"
        click.echo(f"{connection}.{report.table}: {rows}" + (f" → {report.file}" if report.file else ""))
        for note in report.notes:
            click.echo(f"note: {connection}.{report.table}: {note}")

    failed = False
    for connection in names:
        try:
            pull_connection(settings, connection, show, full=full, accept_deletions=accept_deletions)
        except TierhouseError as error:
            failed = True
            click.echo(f"not pulled: {plain_error(error)}", err=True)
    sys.exit(1 if failed else 0)
