"""`tierhouse verify`: compare the files of the home with their checksums."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings

if TYPE_CHECKING:
    from pipelines.integrity.verify import Verification

EXAMPLES = (
    "\b\nExamples:\n  tierhouse verify\n  tierhouse verify --json\n"
    "  tierhouse verify --accept published/versions/2026-06-29-1f0c2a9b --reason 'deleted to free space'"
)


@click.command(epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--accept", metavar="PATH", multiple=True, help="Accept a file or a folder as it is now, changed or missing."
)
@click.option("--reason", help="Why the file is accepted.")
@with_settings
@with_home
def verify(settings: Settings, as_json: bool, accept: tuple[str, ...], reason: str | None) -> None:
    """Compare the files of the home with their checksums.

    Reads landing, quarantine, ledger, models, published versions and CRM exports, and compares each file with
    checksums.log of the home. Prints what was checked, and for each wrong file
    what to do. Exits with 1 if a file is wrong. Changes nothing without --accept.

    The last line of the table is the digest of the log. Keep it on another machine to detect a rewritten log: one line
    of the log always begins with this digest.
    """
    from pipelines.integrity.verify import verify as check

    if accept:
        _accept(settings, accept, reason)
    result = check(settings.home)
    if as_json:
        click.echo(json.dumps(_as_json(result), indent=1, ensure_ascii=False))
    else:
        _show(result)
    sys.exit(1 if result.faults else 0)


def _accept(settings: Settings, files: tuple[str, ...], reason: str | None) -> None:
    from pipelines.integrity.log import LOG, accept
    from pipelines.integrity.verify import covered
    from pipelines.privacy.audit import record

    if not reason or not reason.strip():
        raise click.UsageError("--accept needs --reason")
    for file in files:
        path = _below(settings.home, file)
        names = [LOG] if path == LOG else covered(settings.home, path)
        if not names:
            raise click.UsageError(f"expected a file or folder that `tierhouse verify` checks, got {file}")
        accept(settings.home, names, reason)
        record(settings, "override", path, {"files accepted": len(names), "reason": reason.strip()})
        click.echo(f"accepted: {file} ({len(names):,} files)", err=True)


def _below(home: Path, file: str) -> str:
    path = Path(file)
    return path.relative_to(home).as_posix() if path.is_absolute() and path.is_relative_to(home) else file


def _as_json(result: Verification) -> dict[str, object]:
    places = [
        {"place": place.place, "files": place.files, "bytes": place.bytes, "wrong": len(place.faults)}
        for place in result.places
    ]
    wrong = [{"file": fault.file, "what": fault.what, "do": fault.remedy} for fault in result.faults]
    return {"places": places, "wrong": wrong, "changing": list(result.changing), "digest": result.head}


def _show(result: Verification) -> None:
    width = max(len(place.place) for place in result.places)
    click.echo(f"{'checked':<{width}}  {'files':>9}  {'bytes':>17}  wrong")
    for place in result.places:
        click.echo(f"{place.place:<{width}}  {place.files:>9,}  {place.bytes:>17,}  {len(place.faults) or '-'}")
    if result.head:
        click.echo(f"digest {result.head}")
    for name in result.changing:
        click.echo(f"not checked: {name}: a process is writing it, or was killed meanwhile; the next run settles it")
    for fault in result.faults:
        click.echo(f"\nwrong: {fault}\n    {fault.remedy}")
    if result.faults:
        click.echo(f"\n{len(result.faults):,} wrong. To accept a file: tierhouse verify --accept PATH --reason …")
    else:
        click.echo("\nEverything is as it was written.")
