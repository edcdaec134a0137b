"""Probabilities of the days of a run, drift of their rows, and the report of the models, as tables for dbt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path

import duckdb
import pandas as pd

from models.errors import NoChampion
from models.features.frames import none_unless
from models.features.targets import QUESTIONS
from models.judge.drift import DRIFT_COLUMNS, Drift, DriftCounts
from models.learn.trained import TrainedModel
from models.score import score
from models.store.champions import champion_id, load
from pipelines.scoring.offers import Refusal, refusal
from pipelines.scoring.snapshots import read_population

SCORES = """CREATE OR REPLACE TABLE scoring.scores (
    target VARCHAR, customer_key VARCHAR, as_of DATE, horizon_days INTEGER, model_version VARCHAR,
    probability_source VARCHAR, probability DOUBLE, reason_1 VARCHAR, reason_2 VARCHAR, reason_3 VARCHAR,
    reason_1_zh VARCHAR, reason_2_zh VARCHAR, reason_3_zh VARCHAR, contribution_1 DOUBLE, contribution_2 DOUBLE,
    contribution_3 DOUBLE
)"""

BATCH = 100_000
"""Rows scored at once, to limit memory."""

REPORT = """CREATE OR REPLACE TABLE scoring.model_report AS SELECT
    model_version::VARCHAR AS model_version, target::VARCHAR AS target, horizon_days::INTEGER AS horizon_days,
    model::VARCHAR AS model, metric::VARCHAR AS metric, segment::VARCHAR AS segment, snapshot::DATE AS snapshot,
    value::DOUBLE AS value, low::DOUBLE AS low, high::DOUBLE AS high, bar::DOUBLE AS bar, passed::BOOLEAN AS passed
FROM incoming"""

DRIFT = """CREATE OR REPLACE TABLE scoring.drift AS SELECT
    target::VARCHAR AS target, horizon_days::INTEGER AS horizon_days, as_of::DATE AS as_of,
    feature::VARCHAR AS feature, psi::DOUBLE AS psi, level::VARCHAR AS level, rows::BIGINT AS rows,
    nulls_then::DOUBLE AS nulls_then, nulls_now::DOUBLE AS nulls_now, is_blocked::BOOLEAN AS is_blocked
FROM incoming"""

CHAMPIONS = """CREATE OR REPLACE TABLE scoring.champions AS SELECT
    target::VARCHAR AS target, horizon_days::INTEGER AS horizon_days, as_of::DATE AS as_of,
    model_version::VARCHAR AS model_version, trained_through::DATE AS trained_through
FROM incoming"""

NOT_AVAILABLE, NOT_OFFERED = "not_available", "not_offered"
PLAIN = {"segment": "all", "low": None, "high": None, "bar": None, "passed": None}


@dataclass(frozen=True)
class Scored:
    """The results of all champions on the days of a run, beside the probabilities in `scoring.scores`.

    `champions`: target × horizon × as_of; `model_version` and `trained_through` are null if no model was trained.
    `drift`: since training; target × horizon × as_of × feature. `report`: of the champions of the last day; model ×
    metric × segment. `drifts`: drift of the last day by question. `rows`: number of probabilities.
    """

    champions: pd.DataFrame
    drift: pd.DataFrame
    report: pd.DataFrame
    drifts: dict[str, Drift]
    rows: int


ScoreDay = Callable[[TrainedModel, date], tuple[int, Drift] | None]
"""Appends the probabilities of a day to `scoring.scores`. Returns their number and the drift; None for no rows."""


def score_days(
    connection: duckdb.DuckDBPyConnection,
    store: Path,
    days: Sequence[date],
    say: Callable[[str], None],
    score_day: ScoreDay | None = None,
) -> Scored:
    """Score the population of every question on each day, by the champion of the day, into `scoring.scores`.

    Grain: target × customer × as_of × horizon. A question without a model has no probabilities: grades then rest on
    rules and rates. `score_day`: scores on another engine than DuckDB. Raises ModelStoreError for a damaged model,
    FeatureError for rows without a column of the model.
    """
    score_day = score_day or partial(_score_day, connection)
    connection.execute("CREATE SCHEMA IF NOT EXISTS scoring")
    connection.execute(SCORES)
    drifted: list[pd.DataFrame] = [
        pd.DataFrame(columns=["target", "horizon_days", "as_of", *DRIFT_COLUMNS, "is_blocked"])
    ]
    reports, answered, drifts, rows = [], [], {}, 0
    loaded = cache(partial(load, store))
    for target, horizon_days in QUESTIONS:
        model = refused = None
        for day in days:
            refused = refusal(connection, target, day)
            model_id = None if refused else _champion(store, target, horizon_days, day)
            model = loaded(model_id) if model_id else None
            answered.append((target, horizon_days, pd.Timestamp(day), *_version(model)))
            if model is None or not (counted := score_day(model, day)):
                continue
            scored, day_drift = counted
            rows += scored
            drifted.append(_drift_rows(day_drift, model, day))
            drifts[f"{target}, {horizon_days} days"] = day_drift
            for reason in day_drift.blocks:
                say(f"{target}, {horizon_days} days, {day}: {reason}")
        if model is None:
            why = refused.reason if refused else "no model yet, rules and rates are used"
            say(f"{target}, {horizon_days} days: {why}")
        reports.append(_report(model, refused, target, horizon_days, days[-1]))
    drift_rows = pd.concat([frame for frame in drifted if len(frame)] or drifted, ignore_index=True)
    report = pd.concat([*reports, _drift_report(drift_rows, days[-1])], ignore_index=True)
    champions = pd.DataFrame(answered, columns=["target", "horizon_days", "as_of", "model_version", "trained_through"])
    return Scored(champions, drift_rows, report, drifts, rows)


def _score_day(connection: duckdb.DuckDBPyConnection, model: TrainedModel, day: date) -> tuple[int, Drift] | None:
    rows, counts = 0, DriftCounts(model.card["drift"])
    for population in read_population(connection, model.target, model.horizon_days, day, rows=BATCH):
        scored = score(model, population, as_of=day)
        counts.add(population, scored["probability"].to_numpy())
        rows += len(scored)
        connection.register("incoming", scored)
        connection.execute("INSERT INTO scoring.scores BY NAME SELECT * FROM incoming")
        connection.unregister("incoming")
    return (rows, counts.drift()) if rows else None


def _version(model: TrainedModel | None) -> tuple[str | None, pd.Timestamp | None]:
    return (model.model_id, pd.Timestamp(model.trained_through)) if model else (None, None)


def write_results(connection: duckdb.DuckDBPyConnection, scored: Scored) -> None:
    """Replace `scoring.champions`, `scoring.drift` and `scoring.model_report`."""
    tables = ((CHAMPIONS, scored.champions), (DRIFT, scored.drift), (REPORT, scored.report))
    for statement, frame in tables:
        connection.register("incoming", frame)
        connection.execute(statement)
        connection.unregister("incoming")


def _champion(store: Path, target: str, horizon_days: int, day: date) -> str | None:
    try:
        return champion_id(store, target, horizon_days, day)
    except NoChampion:
        return None


def _report(
    model: TrainedModel | None, refused: Refusal | None, target: str, horizon_days: int, day: date
) -> pd.DataFrame:
    if model:
        return model.report
    row = {"model_version": NOT_AVAILABLE, "target": target, "horizon_days": horizon_days, "model": NOT_AVAILABLE}
    row |= {"metric": "available", "snapshot": pd.Timestamp(day), "value": 0.0} | PLAIN
    if refused:
        row |= {"model": NOT_OFFERED, "metric": "repeat_share", "value": refused.share, "bar": refused.min_share}
    return pd.DataFrame([row])


def _drift_rows(day_drift: Drift, model: TrainedModel, day: date) -> pd.DataFrame:
    """Return a row per feature, also for features that could not be compared; `is_blocked` marks those that block."""
    blocked = {reason.split(":")[0] for reason in day_drift.blocks}
    gone = pd.DataFrame({"feature": sorted(blocked - set(day_drift.table["feature"]))})
    table = pd.concat([day_drift.table, gone], ignore_index=True) if len(gone) else day_drift.table
    return table.assign(
        target=model.target,
        horizon_days=model.horizon_days,
        as_of=pd.Timestamp(day),
        is_blocked=table["feature"].isin(blocked),
    )


def _drift_report(drift_rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the drift of the last day as rows of the report. `passed` is null if there are too few rows."""
    rows = drift_rows[(drift_rows["as_of"] == pd.Timestamp(day)) & drift_rows["psi"].notna()]
    enough = rows["level"] != "too_few"
    return pd.DataFrame(
        {
            "model_version": NOT_AVAILABLE,
            "target": rows["target"],
            "horizon_days": rows["horizon_days"],
            "model": "drift",
            "metric": "psi",
            "segment": "feature=" + rows["feature"].astype(str),
            "snapshot": pd.Timestamp(day),
            "value": rows["psi"],
            "low": None,
            "high": None,
            "bar": rows["large_from"],
            "passed": none_unless(enough, (rows["level"] != "large").astype(object)),
        }
    )
