"""`tierhouse accept`: accept an unusual change as real."""

from __future__ import annotations

from datetime import date

import click

from pipelines.cli.day import DAY
from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings


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

    acceptance = accept_change(settings, check, as_of, reason)
    click.echo(f"{acceptance.check} is accepted from {acceptance.accepted_from} on; run the day again")
