"""Reports on standard output: graded customers, the live publication, the trained models, the state of a home."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from pipelines.home.settings import Settings
from pipelines.home.sql import first_row

if TYPE_CHECKING:
    import duckdb

    from pipelines.orchestration.run_history import PastRun

CONSOLE = Console(highlight=False, width=max(120, Console().width))

TEN_CUSTOMERS = """
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY grade ORDER BY customer_id) AS place FROM customer_grades
)

SELECT * FROM numbered
WHERE place <= CASE grade WHEN 'A' THEN 4 WHEN 'B' THEN 3 WHEN 'C' THEN 2 ELSE 1 END
ORDER BY grade, place
"""


def show_customers(settings: Settings) -> None:
    """Print ten graded customers with their first reason, then the live publication."""
    with _live(settings) as connection:
        rows = connection.execute(TEN_CUSTOMERS).fetchall()
        names = [column[0] for column in connection.description]
    table = Table(title="Ten of the graded customers", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("customer", "value\ngrade", "CNY in\n12 months", "intent", "stage", "going quiet", "first reason"):
        justify = "right" if heading in ("CNY in\n12 months", "going quiet") else "left"
        table.add_column(heading, justify=justify, no_wrap=heading != "first reason")
    for row in (dict(zip(names, values, strict=True)) for values in rows):
        quiet = "" if row["churn_probability"] is None else f"{row['churn_probability']:.0%} {row['warning_level']}"
        table.add_row(
            row["customer_id"][:8],
            row["grade"],
            f"{row['score']:,.0f}",
            row["intent_en"] or "",
            row["lifecycle_stage_en"],
            quiet,
            row["reason_1"] or "",
        )
    CONSOLE.print(table)
    show_publication(settings)


def show_publication(settings: Settings) -> None:
    """Print the live publication: its day, customers by grade, files, and hints for better results."""
    with _live(settings) as connection:
        as_of, rules = first_row(connection.execute("SELECT as_of, rule_version FROM publication"))
        grades = connection.execute("SELECT grade, count(*) FROM customer_grades GROUP BY 1 ORDER BY 1").fetchall()
    counts = ", ".join(f"{grade} {count:,}" for grade, count in grades)
    CONSOLE.print(f"\nLive: {as_of}, {sum(count for _, count in grades):,} customers ({counts}), {rules}")
    page = settings.published / "current" / "report.html"
    CONSOLE.print(f"  Report    {page if page.exists() else 'none: build it with `tierhouse report`'}", soft_wrap=True)
    CONSOLE.print(f"  DuckDB    {settings.published / 'current' / 'tierhouse.duckdb'}", soft_wrap=True)
    CONSOLE.print(f"  Parquet   {settings.published / 'current'}/<table>.parquet", soft_wrap=True)
    CONSOLE.print(f"  Checks    {settings.data_docs}/<gate>/index.html", soft_wrap=True)
    CONSOLE.print("  Runs      tierhouse ui")
    _show_hints(settings, as_of)


def _show_hints(settings: Settings, as_of: date) -> None:
    """Print unusual checks of the live day, missing rates, masked texts and what to map next.

    They come from the warehouse of the last run. Progress lines of the run have unusual checks of its other days.
    """
    from pipelines.cli.hints import map_next, masked_texts, missing_rates
    from pipelines.history.messages import describe, find_checks
    from pipelines.home.warehouse import connect

    with connect(settings.warehouse, settings, read_only=True) as connection:
        unusual = describe([check for check in find_checks(connection) if check.as_of == as_of])
        missing = map_next(connection)
        without_rate, masked = missing_rates(connection, settings, as_of), masked_texts(connection)
    for line in unusual:
        CONSOLE.print(f"  Unusual   {line}", soft_wrap=True, markup=False)
    for line in without_rate:
        CONSOLE.print(f"  Rates     {line}", soft_wrap=True)
    for line in masked:
        CONSOLE.print(f"  Masked    {line}", soft_wrap=True)
    if missing:
        CONSOLE.print("\nFor better grades, map next:")
        for line in missing:
            CONSOLE.print(f"  {line}", soft_wrap=True)


def show_model(settings: Settings, as_of: date) -> None:
    """Print the result of the last training per question, then the evaluation of the model that grades the day."""
    import pandas as pd

    from models.errors import NoChampion
    from models.features.targets import GRADING
    from models.judge.evaluate import EVERYONE
    from models.store.champions import champion
    from pipelines.scoring.offers import NOT_OFFERED
    from pipelines.scoring.signatures import assert_champions
    from pipelines.scoring.training import answers

    questions = Table(title=f"Questions, trained through {as_of}", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("question", "trained", "what is missing"):
        questions.add_column(heading, no_wrap=heading == "question")
    for row in answers(settings).to_dict("records"):
        reason = "" if pd.isna(row["reason"]) else row["reason"]
        refused = NOT_OFFERED if reason.startswith(NOT_OFFERED) else "not yet"
        questions.add_row(
            f"{row['target']}, {row['horizon_days']} days",
            refused if pd.isna(row["model_version"]) else row["model_version"],
            reason.removeprefix(f"{NOT_OFFERED}: "),
        )
    CONSOLE.print(questions)
    try:
        assert_champions(settings, [as_of])
        model = champion(settings.model_store, *GRADING, as_of)
    except NoChampion:
        target, days = GRADING
        CONSOLE.print(f"There is no model for {target}, {days} days, yet: `tierhouse run` grades by rules and rates.")
        return
    table = Table(title=f"{model.model_id}, trained through {model.trained_through}", title_justify="left")
    for heading in ("model", "metric", "value", "95 % interval", "bar", "passed"):
        table.add_column(heading, justify="left" if heading in ("model", "metric") else "right")
    for row in model.report[model.report["segment"] == EVERYONE].to_dict("records"):
        interval = "" if row["low"] != row["low"] else f"{row['low']:.3f} to {row['high']:.3f}"
        bar = "" if row["bar"] != row["bar"] else f"{row['bar']:g}"
        passed = {True: "yes", False: "no"}.get(row["passed"], "")
        table.add_row(row["model"], row["metric"], f"{row['value']:,.4g}", interval, bar, passed)
    CONSOLE.print(table)


def show_status(settings: Settings) -> None:
    """Print batches, models, versions and runs of the home. Reads only; imports neither Dagster nor scikit-learn."""
    from models.store.champions import latest
    from pipelines.ingest.landing.manifests import committed, rejected
    from pipelines.integrity.sums import IntegrityError
    from pipelines.ledger.acceptances import acceptances
    from pipelines.orchestration.run_history import last_runs
    from pipelines.publish.switch import live_version, version_ids

    CONSOLE.print(f"home       {settings.home}", soft_wrap=True)
    sources = [path.name for path in settings.mapping_files]
    CONSOLE.print(f"sources    {', '.join(sources) or f'none: put a mapping into {settings.sources_dir}'}")
    try:
        batches = committed(settings)
        rows = sum(report.accepted for batch in batches for report in batch.reports)
        CONSOLE.print(
            f"landing    {_batches(len(batches))}, {rows:,} rows; {_batches(len(rejected(settings)))} rejected"
        )
        for batch in batches[-5:]:
            CONSOLE.print(f"           {batch.batch}")
    except IntegrityError as error:
        CONSOLE.print(f"landing    {error}", soft_wrap=True)
    models = sorted(latest(settings.model_store).values()) or ["none yet: run `tierhouse train`"]
    CONSOLE.print("models     " + "\n           ".join(models))
    live = live_version(settings.published)
    CONSOLE.print(f"live       {live or 'nothing published yet: run `tierhouse run`'}")
    page = settings.published / "current" / "report.html"
    if live:
        CONSOLE.print(
            f"report     {page if page.exists() else 'none: build it with `tierhouse report`'}", soft_wrap=True
        )
    CONSOLE.print(f"kept       {', '.join(version_ids(settings.published)) or 'none'}", soft_wrap=True)
    for accepted in acceptances(settings)[-5:]:
        CONSOLE.print(
            f"accepted   {accepted.check} from {accepted.accepted_from}, by {accepted.accepted_by} at "
            f"{accepted.accepted_at}: {accepted.reason}",
            soft_wrap=True,
            markup=False,
        )
    for run in last_runs(settings, 5):
        CONSOLE.print(f"run        {run.run_id[:8]} {run.job} {run.day} {run.status}{_times(run, settings)}")


def _batches(count: int) -> str:
    return f"{count:,} {'batch' if count == 1 else 'batches'}"


def _times(run: PastRun, settings: Settings) -> str:
    """Return the start of a run in business time, and how long it took if it has ended."""
    if run.started is None:
        return ""
    start = f", started {datetime.fromtimestamp(run.started, settings.zone):%Y-%m-%d %H:%M}"
    if run.ended is None:
        return start
    minutes, seconds = divmod(round(run.ended - run.started), 60)
    return f"{start}, took {minutes} min {seconds} s"


def _live(settings: Settings) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(str(settings.published / "current" / "tierhouse.duckdb"), read_only=True)
