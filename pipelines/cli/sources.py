"""`tierhouse check` and `tierhouse map`: prepare the mapping of a source. Neither changes the home."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.home.settings import load_settings


@click.command(epilog="\b\nExamples:\n  tierhouse check crm\n  tierhouse check ~/drafts/crm.yml --lines 100")
@click.argument("source")
@click.option("--lines", default=20, show_default=True, type=click.IntRange(0), help="Quarantined lines to show.")
def check(source: str, lines: int) -> None:
    """Test the mapping of SOURCE without loading anything.

    Reads the files of SOURCE and shows which rows a run would accept or quarantine, and why. SOURCE is the name of a
    mapping in the sources folder, or the path of a mapping file. Exits with 1 if a run would refuse a file, the batch
    or the exchange rates of the home.
    """
    from pipelines.ingest.dry_run import dry_run
    from pipelines.rules.fx_rates import rate_problems

    settings = load_settings()
    result = dry_run(settings, source, lines)
    report, batch = result.report, result.report.batch
    rates = rate_problems(settings)
    for row in report.files:
        click.echo(
            f"{row.file}, {row.entity}: {row.lines:,} rows: {row.accepted:,} accepted, "
            f"{row.quarantined:,} quarantined, {row.known:,} already known"
        )
    for note in report.notes:
        click.echo(f"note: {note}")
    for problem in report.problems + rates:
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
    if batch:
        against = "over" if result.over_bar else "within"
        click.echo(f"\n{batch.quarantined_share:.1%} quarantined, {against} the bar of {batch.quarantine_bar:.1%}.")
    passes = result.passes and not rates
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
    for doubt in draft.doubts:
        click.echo(f"unsure: {doubt}", err=True)
