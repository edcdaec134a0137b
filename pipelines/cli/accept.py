"""`tierhouse accept`: what a run found unusual, and is a real change."""

from __future__ import annotations

from datetime import date

import click

from pipelines.cli.day import DAY
from pipelines.home.folder import assert_home_exists
from pipelines.home.settings import load_settings


@click.command(epilog="Example: tierhouse accept crm/leads --reason 'the portal was closed'")
@click.argument("check")
@click.option("--as-of", type=DAY, help="From which day on; the first that the last run names if not given.")
@click.option("--reason", required=True, help="Why, for the next reader.")
def accept(check: str, as_of: date | None, reason: str) -> None:
    """Accept what CHECK shows as a real change: from that day on it is compared with later days only.

    CHECK is the path that a run names, such as crm/leads/volume_day. Without its end it is for all checks below it.
    """
    from pipelines.history.accept import accept_change

    settings = load_settings()
    assert_home_exists(settings.home)
    acceptance = accept_change(settings, check, as_of, reason)
    click.echo(f"{acceptance.check} is accepted from {acceptance.accepted_from} on; run the day again")
