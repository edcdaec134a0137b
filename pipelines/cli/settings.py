"""`tierhouse settings`: the settings that the results of the home depend on."""

from __future__ import annotations

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings


@click.command(name="settings", epilog="Example: tierhouse settings --accept 'the office has moved to Dubai'")
@click.option("--accept", "reason", metavar="REASON", help="Accept the current settings, with a reason.")
@with_settings
@with_home
def show_settings(settings: Settings, reason: str | None) -> None:
    """Show the settings that results depend on.

    Shows them as stored in the home and as they are now. A run is refused if they differ. --accept stores the
    current settings. The results of days that are graded again then change.
    """
    from pipelines.home.key import home_fingerprint
    from pipelines.home.remembered import MEANING, accept, current_settings, read_remembered
    from pipelines.privacy.audit import record

    if reason is not None and not reason.strip():
        raise click.ClickException("expected a reason, got none: home.json keeps it with the change")
    key = home_fingerprint(settings)
    if reason is not None:
        changed = accept(settings, key, reason.strip(), settings.now())
        record(settings, "override", "settings", {"changed": ", ".join(changed), "reason": reason.strip()})
        for name, (before, now) in changed.items():
            click.echo(f"{name}: changed from {before} to {now}; {MEANING[name]}")
        click.echo("Accepted. Train, and grade again the days that matter.")
        return
    remembered, now = read_remembered(settings), current_settings(settings, key)
    click.echo(f"{'setting':<18}{'home':<20}now")
    for name in MEANING:
        differs = name in remembered and name in now and remembered[name] != now[name]
        stored, current = remembered.get(name, "not set yet"), now.get(name, "not made yet")
        click.echo(f"{name:<18}{stored!s:<20}{current}{'  (differs: runs are refused)' if differs else ''}")
