"""`tierhouse demo`, `run`, `train` and `backfill`: commands that run a Dagster job."""

from __future__ import annotations

from datetime import date

import click

from pipelines.cli.options import DAY, day_to_grade, with_settings
from pipelines.home.days import days_between, month_ends_and_last
from pipelines.home.folder import make_home
from pipelines.home.settings import Settings

DEMO_LEADS = 8_000
"""Leads of `tierhouse demo` without `--leads`. `preset` has those of the benchmarks."""


@click.command(epilog="Example: tierhouse demo --leads 20000")
@click.option(
    "--preset",
    default="demo",
    show_default=True,
    type=click.Choice(["demo", "hard", "large", "drifted"]),
    help="The generated data, see above.",
)
@click.option("--leads", type=click.IntRange(100), help="Number of lead records. Default: 8,000; for large 1,000,000.")
@click.option("--seed", type=click.IntRange(0), help="Random seed: other people and events, same rules.")
@click.option("--only-files", is_flag=True, help="Stop after the raw files and their mapping.")
@click.option("--last-day-only", is_flag=True, help="Train and grade the last day only. Always so with large.")
@with_settings
def demo(
    settings: Settings, preset: str, leads: int | None, seed: int | None, only_files: bool, last_day_only: bool
) -> None:
    """Try tierhouse with generated data.

    Generates files, trains models, grades the month-ends of the last year, a week before the last day and the last
    day, and shows ten customers. No model scores a day before its training.

    \b
    demo     leads of a developer's sales site (default)
    hard     the same people, with many more errors in the files
    large    1,000,000 leads, 10,000,000 interactions, 2,000,000 deal steps
    drifted  the demo, followed by 60 days of a changed market
    """
    from pipelines.cli.runs import run_job
    from pipelines.cli.show import show_customers
    from pipelines.demo.days import last_day_alone, with_past
    from pipelines.demo.home import make_demo
    from pipelines.demo.presets import preset as preset_of
    from pipelines.orchestration.progress import PROGRESS
    from pipelines.scoring.workers import workers

    make_home(settings.home)
    PROGRESS.doing("generating the raw files")
    usual = DEMO_LEADS if preset != "large" else None
    ends = make_demo(settings, preset_of(preset, leads or usual, seed), PROGRESS.say)
    if only_files:
        return
    days = last_day_alone(ends) if last_day_only or preset == "large" else with_past(ends)
    with workers(settings):
        for day in days.trained_through:
            run_job(settings, "train", [day])
    run_job(settings, "backfill" if len(days.graded) > 1 else "daily_grading", days.graded)
    show_customers(settings)


@click.command(epilog="Example: tierhouse run --as-of 2026-06-30")
@click.option("--as-of", type=DAY, help="Day to grade. Default: yesterday in the business time zone.")
@with_settings
def run(settings: Settings, as_of: date | None) -> None:
    """Grade one day: load new files, build, check, score, publish."""
    from pipelines.cli.runs import run_job
    from pipelines.cli.show import show_publication

    run_job(settings, "daily_grading", [day_to_grade(settings, as_of)])
    show_publication(settings)


@click.command(epilog="Example: tierhouse train --as-of 2026-05-31")
@click.option("--as-of", type=DAY, help="Last day of the training data. Default: yesterday.")
@with_settings
def train(settings: Settings, as_of: date | None) -> None:
    """Train models on the past and evaluate each one on later days.

    Trains a model for each question that the data can answer. Lists the questions with their models, and for the
    others what is missing and from which day on a model is possible.
    """
    from pipelines.cli.runs import run_job
    from pipelines.cli.show import show_model

    day = day_to_grade(settings, as_of)
    run_job(settings, "train", [day])
    show_model(settings, day)


@click.command(epilog="Example: tierhouse backfill 2025-06-30 2026-06-29 --month-ends")
@click.argument("first", type=DAY)
@click.argument("last", type=DAY)
@click.option("--month-ends", is_flag=True, help="Grade only the month-ends from FIRST to LAST, and LAST itself.")
@with_settings
def backfill(settings: Settings, first: date, last: date, month_ends: bool) -> None:
    """Grade the days from FIRST to LAST in one run.

    Each day is graded with the data that was known on that day. The live version never changes to an older day.
    """
    from pipelines.cli.runs import run_job
    from pipelines.cli.show import show_publication

    days = month_ends_and_last(first, last) if month_ends else days_between(first, last)
    run_job(settings, "backfill", days)
    show_publication(settings)
