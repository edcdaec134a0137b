"""The command `tierhouse verify`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.home.folder import assert_home_exists
from pipelines.home.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipelines.integrity.verify import Verification

EXAMPLES = (
    "Examples: tierhouse verify    tierhouse verify --json    tierhouse verify --accept "
    "published/versions/2026-06-29-1f0c2a9b --reason 'deleted to free space'"
)


@click.command(epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--accept", metavar="PATH", multiple=True, help="Take a file or all of a folder as it is now, changed or gone."
)
@click.option("--reason", help="Why it is accepted, for the next reader.")
def verify(as_json: bool, accept: tuple[str, ...], reason: str | None) -> None:
    """Check that landing, quarantine, ledger, models, published versions and CRM exports are what was written.

    Reads every file and compares it with checksums.log in the home. Prints what was checked, and what to do about each
    file that is wrong. Ends with 1 where something is wrong. Changes nothing, unless --accept is given.

    The last line of the table is the digest of the log. Keep it elsewhere to notice a log that was written anew: the
    same digest stands at the beginning of one of its lines for ever.
    """
    from pipelines.integrity.verify import verify as check

    settings = load_settings()
    assert_home_exists(settings.home)
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

    if not (reason or "").strip():
        raise click.UsageError("--accept needs --reason: why the file is right as it is")
    for file in files:
        path = _below(settings.home, file)
        names = [LOG] if path == LOG else covered(settings.home, path)
        if not names:
            raise click.UsageError(f"expected a file or folder that `tierhouse verify` checks, found {file}")
        accept(settings.home, names, reason)
        click.echo(f"accepted: {file} ({len(names):,} files)", err=True)


def _below(home: Path, file: str) -> str:
    path = Path(file)
    return path.relative_to(home).as_posix() if path.is_absolute() and path.is_relative_to(home) else file


def _as_json(result: Verification) -> dict:
    places = [
        {"place": one.place, "files": one.files, "bytes": one.bytes, "wrong": len(one.faults)} for one in result.places
    ]
    wrong = [{"file": fault.file, "what": fault.what, "do": fault.remedy} for fault in result.faults]
    return {"places": places, "wrong": wrong, "changing": list(result.changing), "digest": result.head}


def _show(result: Verification) -> None:
    width = max(len(one.place) for one in result.places)
    click.echo(f"{'checked':<{width}}  {'files':>9}  {'bytes':>17}  wrong")
    for one in result.places:
        click.echo(f"{one.place:<{width}}  {one.files:>9,}  {one.bytes:>17,}  {len(one.faults) or '-'}")
    if result.head:
        click.echo(f"digest {result.head}")
    for name in result.changing:
        click.echo(f"not checked: {name}: a process writes it, or was killed while it did; the next run settles it")
    for fault in result.faults:
        click.echo(f"\nwrong: {fault}\n    {fault.remedy}")
    if result.faults:
        click.echo(f"\n{len(result.faults):,} wrong. To accept a file: tierhouse verify --accept PATH --reason …")
    else:
        click.echo("\nEverything is as it was written.")
