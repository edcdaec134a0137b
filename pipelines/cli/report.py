"""`tierhouse report`: build the report of a published version again and open it."""

from __future__ import annotations

from datetime import date

import click

from pipelines.cli.options import DAY, with_home, with_settings
from pipelines.home.settings import Settings


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
