"""`tierhouse demo`, `run`, `train` and `backfill`: commands that run a Dagster job."""

from __future__ import annotations

from datetime import date

import click

from pipelines.cli.day import DAY
from pipelines.cli.options import day_to_grade, with_settings
from pipelines.home.folder import make_home
from pipelines.home.settings import Settings


@click.command(epilog="Example: tierhouse demo --leads 500")
@click.option("--preset", default="demo", show_default=True, type=click.Choice(["demo", "hard", "large", "drifted"]))
@click.option("--leads", type=click.IntRange(100), help="How many lead records; 20,000, or 1,000,000 of large.")
@click.option("--seed", type=click.IntRange(0), help="Another world by the same rules.")
@click.option("--only-files", is_flag=True, help="Generate and map the raw files, no more.")
@with_settings
def demo(settings: Settings, preset: str, leads: int | None, seed: int | None, only_files: bool) -> None:
    """Generate raw files, train, grade their last day, show ten customers.

    \b
    hard     the people of the demo, with much more dirt
    large    1,000,000 leads, 10,000,000 interactions, 2,000,000 steps of deals
    drifted  the demo, and 60 more days of another market
    """
    from pipelines.cli.printed import show_customers
    from pipelines.cli.runs import run_job
    from pipelines.demo.home import make_demo
    from pipelines.demo.presets import preset as preset_of
    from pipelines.orchestration.progress import PROGRESS

    make_home(settings.home)
    PROGRESS.doing("generating the raw files")
    days = make_demo(settings, preset_of(preset, leads, seed), PROGRESS.say)
    if only_files:
        return
    run_job(settings, "train", days.train_through)
    run_job(settings, "daily_grading", days.last_day)
    show_customers(settings)


@click.command(epilog="Example: tierhouse run --as-of 2026-06-30")
@click.option("--as-of", type=DAY, help="The day to grade; yesterday in the business time zone if not given.")
@with_settings
def run(settings: Settings, as_of: date | None) -> None:
    """Grade one day: ingest what is new, build, check, score, publish."""
    from pipelines.cli.printed import show_publication
    from pipelines.cli.runs import run_job

    run_job(settings, "daily_grading", day_to_grade(settings, as_of))
    show_publication(settings)


@click.command(epilog="Example: tierhouse train --as-of 2026-05-31")
@click.option("--as-of", type=DAY, help="Learn from what was known by the end of this day; yesterday if not given.")
@with_settings
def train(settings: Settings, as_of: date | None) -> None:
    """Train a model for each question that the data can answer, judge it on later days, keep it.

    Lists the questions: what was trained, what is missing, and from which day on a model is possible.
    """
    from pipelines.cli.printed import show_model
    from pipelines.cli.runs import run_job

    day = day_to_grade(settings, as_of)
    run_job(settings, "train", day)
    show_model(settings, day)


@click.command(epilog="Example: tierhouse backfill 2026-06-01 2026-06-29")
@click.argument("first", type=DAY)
@click.argument("last", type=DAY)
@with_settings
def backfill(settings: Settings, first: date, last: date) -> None:
    """Grade the days from FIRST to LAST as they were known then. What is live does not move to an older day."""
    from pipelines.cli.printed import show_publication
    from pipelines.cli.runs import run_job

    run_job(settings, "backfill", first, last)
    show_publication(settings)
