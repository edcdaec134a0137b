"""`tierhouse status`, `reject`, `rollback` and `demote`: look at a home and undo what a run has done."""

from __future__ import annotations

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.home.settings import Settings


@click.command()
@with_settings
@with_home
def status(settings: Settings) -> None:
    """What is loaded, trained, published and live, and how the last runs ended."""
    from pipelines.cli.printed import show_status

    show_status(settings)


@click.command(epilog="Example: tierhouse reject demo-1f0c2a9b77de --reason 'the branch sent last year again'")
@click.argument("batch")
@click.option("--reason", required=True, help="Why, for the next reader.")
@with_settings
@with_home
def reject(settings: Settings, batch: str, reason: str) -> None:
    """Set a staged or landed batch aside: no later run reads it. Its files are taken again once they change.

    Rows that a later batch brought again stay, as rows of that batch.
    """
    from pipelines.ingest.landing import reject as reject_batch

    again = reject_batch(settings, batch, reason)
    click.echo(f"{batch} is set aside; the next run grades without it")
    for one in again:
        rows = sum(through.rows for through in one.through if through.batch == batch)
        click.echo(f"{rows:,} of its rows stay: {one.batch} brought them again. Reject it too if they are wrong")


@click.command(epilog="Example: tierhouse rollback 2026-06-29-1f0c2a9b")
@click.argument("version")
@click.option("--despite-opt-outs", is_flag=True, help="Also where its lists market to who has opted out since.")
@with_settings
@with_home
def rollback(settings: Settings, version: str, despite_opt_outs: bool) -> None:
    """Make a kept version live again, until a run publishes its day or a newer one."""
    from pipelines.publish.opted_out_since import assert_nobody_opted_out_since
    from pipelines.publish.switch import roll_back

    if not despite_opt_outs:
        assert_nobody_opted_out_since(settings.published, version)
    roll_back(settings, version)
    click.echo(f"{settings.published / 'current'} is now {version}")


@click.command(epilog="Example: tierhouse demote dormancy --horizon 90")
@click.argument("target")
@click.option("--horizon", type=int, help="Days ahead; the horizon that grades if not given.")
@with_settings
@with_home
def demote(settings: Settings, target: str, horizon: int | None) -> None:
    """Take the champion of TARGET back: the model before it scores from the next run on."""
    from models.features.targets import TARGETS, target_of
    from pipelines.scoring.signatures import take_back

    days = horizon or (TARGETS[target].grading_horizon if target in TARGETS else 0)
    model = take_back(settings, target_of(target, days).name, days)
    click.echo(f"{model.model_id} scores {target}, {days} days, from the next run on")
