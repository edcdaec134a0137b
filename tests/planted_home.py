"""Homes with a planted state for tests of alerts and of the doctor: publications and runs, without a grading."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

RUNS = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, run_id TEXT, pipeline_name TEXT, status TEXT, partition TEXT, start_time FLOAT,
    end_time FLOAT
);
CREATE TABLE IF NOT EXISTS run_tags (run_id TEXT, key TEXT, value TEXT);
"""


def record_run(home: Path, job: str, day: str, status: str, run_id: str) -> None:
    """Add a run to the history of Dagster."""
    folder = home / "dagster" / "history"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "runs.db")) as connection:
        connection.executescript(RUNS)
        connection.execute(
            "INSERT INTO runs (run_id, pipeline_name, status, partition, start_time, end_time) "
            "VALUES (?, ?, ?, ?, 1, 124)",
            [run_id, job, status, day],
        )
        connection.commit()


def publish(
    home: Path,
    as_of: str,
    *,
    warned: Sequence[tuple[str, str, float]] = (),
    checks: Sequence[tuple[str, str, str, float, float | None, float | None, str]] = (),
    drifted: Sequence[str] = (),
) -> None:
    """Make a version live with the tables and columns that alerts read.

    `warned`: (customer_id, warning level, expected value). `checks`: (source, entity, rule, found, usual_low,
    usual_high, level). `drifted`: features of the model of dormancy.
    """
    version = home / "published" / "versions" / f"{as_of}-{len(list((home / 'published').rglob('*.duckdb'))):08d}"
    version.mkdir(parents=True)
    labels = {"urgent": "紧急", "high": "高", "middle": "中", "low": "低", "none": "无"}
    with duckdb.connect(str(version / "tierhouse.duckdb")) as connection:
        connection.execute(f"CREATE TABLE publication AS SELECT DATE '{as_of}' AS as_of")
        connection.execute(
            "CREATE TABLE customer_grades (customer_id VARCHAR, warning_level VARCHAR, warning_level_zh VARCHAR, "
            "warning_level_en VARCHAR, expected_value_12m DECIMAL(18, 4))"
        )
        for customer, level, money in warned:
            row = [customer, level, labels[level], level.title(), money]
            connection.execute("INSERT INTO customer_grades VALUES (?, ?, ?, ?, ?)", row)
        connection.execute(
            "CREATE TABLE history_checks (as_of DATE, source VARCHAR, entity VARCHAR, rule VARCHAR, found DOUBLE, "
            "usual_low DOUBLE, usual_high DOUBLE, level VARCHAR)"
        )
        for check in checks:
            connection.execute("INSERT INTO history_checks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [as_of, *check])
        connection.execute(
            "CREATE TABLE model_report (target VARCHAR, horizon_days INTEGER, model VARCHAR, metric VARCHAR, "
            "segment VARCHAR, value DOUBLE, bar DOUBLE, passed BOOLEAN)"
        )
        for feature in drifted:
            row = ["dormancy", 90, "drift", "psi", f"feature={feature}", 0.4, 0.25, False]
            connection.execute("INSERT INTO model_report VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    link = home / "published" / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version.name)
