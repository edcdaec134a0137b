"""Warning levels computed day by day, by the rule in Python and by the compiled dbt model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

LEVELS = (("none", "0.00"), ("low", "0.20"), ("middle", "0.35"), ("high", "0.50"), ("urgent", "0.70"))
BAND = 0.05
TABLES = f"""
CREATE SCHEMA scoring; CREATE SCHEMA rules; CREATE SCHEMA core; CREATE SCHEMA intermediate; CREATE SCHEMA ledger;
CREATE SCHEMA staging;
CREATE TABLE scoring.scores
    (target VARCHAR, horizon_days INTEGER, customer_key VARCHAR, as_of DATE, probability DOUBLE,
    probability_source VARCHAR);
CREATE VIEW core.customer_features AS
    SELECT customer_key, as_of, true AS is_engaged, true AS is_dormancy_available FROM scoring.scores;
CREATE TABLE rules.horizons AS SELECT 'dormancy' AS target, 90 AS horizon_days, true AS grades;
CREATE TABLE intermediate.int_thresholds AS SELECT {BAND}::DECIMAL(18, 4) AS warning_band;
CREATE TABLE rules.warning_levels (level VARCHAR, min_probability DECIMAL(6, 4), is_immediate BOOLEAN);
CREATE TABLE ledger.grades (customer_key VARCHAR, graded_as_of DATE, warning_level VARCHAR);
CREATE VIEW staging.stg_scoring__scores AS FROM scoring.scores;
CREATE VIEW staging.stg_ledger__grades AS FROM ledger.grades;
"""
Scores = Sequence[tuple[str, date, float]]


def by_the_rule(scores: Scores) -> list[tuple[str, date, str]]:
    """One step a day and customer: up to the last cut passed by the band, or urgent at its cut; down likewise."""
    held: dict[str, int] = {}
    rows = []
    cuts = [float(cut) for _, cut in LEVELS]
    urgent = len(LEVELS) - 1
    for customer, day, probability in sorted(scores, key=lambda row: row[1]):
        plain = max(n for n, cut in enumerate(cuts) if probability >= cut)
        before = held.get(customer, plain)
        up = max(n for n, cut in enumerate(cuts) if n == 0 or probability >= round(cut + BAND, 6))
        up = urgent if plain == urgent else up
        down = max(n for n, cut in enumerate(cuts) if n == 0 or probability >= round(cut - BAND, 6))
        held[customer] = max(up, min(before, down))
        rows.append((customer, day, LEVELS[held[customer]][0]))
    return sorted(rows)


def by_the_model(sql: str, runs: Sequence[Scores], file: Path) -> list[tuple[str, date, str]]:
    """What the compiled model says of each run in turn, the ledger keeping what the runs before it said."""
    with duckdb.connect(file) as connection:
        connection.execute(TABLES)
        for level, cut in LEVELS:
            connection.execute("INSERT INTO rules.warning_levels VALUES (?, ?, ?)", [level, cut, level == "urgent"])
        for run in runs:
            connection.execute("DELETE FROM scoring.scores")
            for row in run:
                connection.execute("INSERT INTO scoring.scores VALUES ('dormancy', 90, ?, ?, ?, 'model')", list(row))
            connection.execute(f"INSERT INTO ledger.grades SELECT customer_key, as_of, warning_level FROM ({sql})")
        return connection.execute("SELECT * FROM ledger.grades ORDER BY ALL").fetchall()
