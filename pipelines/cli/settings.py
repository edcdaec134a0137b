"""`tierhouse settings`: what the home's results were made with, and how to change it on purpose."""

from __future__ import annotations

import click

from pipelines.home.folder import assert_home_exists
from pipelines.home.settings import load_settings


@click.command(name="settings", epilog="Example: tierhouse settings --accept 'the office has moved to Dubai'")
@click.option("--accept", "reason", metavar="REASON", help="From now on the present settings are the home's.")
def show_settings(reason: str | None) -> None:
    """The settings that results depend on: as the home remembers them, and as they are now.

    A run is refused where they differ. With --accept the home takes up the present ones; days that are graded again
    change.
    """
    from pipelines.home.key import find_secret, fingerprint
    from pipelines.home.remembered import MEANING, accept, current_settings, read_remembered

    settings = load_settings()
    assert_home_exists(settings.home)
    if reason is not None and not reason.strip():
        raise click.ClickException("expected a reason, found none: it stands in home.json for the next reader")
    secret = find_secret(settings)
    key = fingerprint(secret) if secret else None
    if reason is not None:
        changed = accept(settings, key, reason.strip(), settings.now())
        for name, (before, now) in changed.items():
            click.echo(f"{name}: {before} is now {now}; {MEANING[name]}")
        click.echo("These settings are the home's: train and grade again the days that matter.")
        return
    remembered, now = read_remembered(settings), current_settings(settings, key)
    click.echo(f"{'setting':<18}{'home':<20}now")
    for name in MEANING:
        differs = name in remembered and name in now and remembered[name] != now[name]
        known, found = remembered.get(name, "not set yet"), now.get(name, "not made yet")
        click.echo(f"{name:<18}{known!s:<20}{found}{'  (differs: runs are refused)' if differs else ''}")
