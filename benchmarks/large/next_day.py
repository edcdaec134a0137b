"""The next day before and after history has doubled, and a backfill beside one day.

History doubles by a second copy of every contact and deal step under other ids: the same customers with twice the past.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.large.sample import Cost
from benchmarks.large.stages import WHOLE, measure_command
from benchmarks.measure import measure, tierhouse_command
from pipelines.home.days import month_ends
from pipelines.home.sql import literal

TABLES = ("leads", "interactions", "transactions", "agents", "properties", "costs")
COPIED = {
    "interactions": ("interaction_id",),
    "transactions": ("transaction_id", "related_transaction_id"),
}
"""Tables with a second copy → the columns whose ids get another ending."""
BACKFILL_DAYS = 30


def next_day(files: Path, folder: Path, day: date, *, doubled: bool) -> dict[str, Cost]:
    """Load everything that was entered before a day, grade the day before, then load and grade the day.

    `files`: the home with the raw files of the preset `large`. Returns the cost of the second run by stage.
    """
    home = folder / "home"
    _write_files(files, home, f"< '{day}'", "history", doubled=doubled)
    log = folder / "log.txt"
    for words in (("train", "--as-of", str(day - timedelta(days=1))), ("run", "--as-of", str(day - timedelta(days=1)))):
        measure([tierhouse_command("tierhouse"), *words], log, {"TIERHOUSE_HOME": str(home)})
    _write_files(files, home, f">= '{day}'", "day", doubled=False)
    return measure_command(home, log, "run", "--as-of", str(day))


def _write_files(files: Path, home: Path, entered: str, ending: str, *, doubled: bool) -> None:
    """Write the raw rows of a span, as files that the mapping of the preset matches."""
    (home / "demo").mkdir(parents=True, exist_ok=True)
    (home / "sources").mkdir(exist_ok=True)
    mapping = (files / "sources" / "demo.yml").read_text(encoding="utf-8").replace("costs.parquet", "costs-*.parquet")
    (home / "sources" / "demo.yml").write_text(mapping, encoding="utf-8")
    with duckdb.connect() as connection:
        for table in TABLES:
            rows = f"SELECT * FROM read_parquet({literal(str(files / 'demo' / f'{table}*.parquet'))})"
            rows = f"SELECT * FROM ({rows}) WHERE entered_at {entered}"
            _copy(connection, rows, home / "demo" / f"{table}-{ending}.parquet")
            if doubled and table in COPIED:
                ids = ", ".join(f"{column} || '-copy' AS {column}" for column in COPIED[table])
                _copy(
                    connection,
                    f"SELECT * REPLACE ({ids}) FROM ({rows})",
                    home / "demo" / f"{table}-{ending}-copy.parquet",
                )


def _copy(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    connection.execute(f"COPY ({rows}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def backfill(folder: Path, leads: int, last_day: date) -> tuple[Cost, Cost]:
    """Return the cost of one day, and of the `BACKFILL_DAYS` days before it in one run, in a demo that has a model."""
    home, log = folder / "home", folder / "log.txt"
    folder.mkdir(parents=True, exist_ok=True)
    first = last_day - timedelta(days=BACKFILL_DAYS)
    trained = month_ends(first - timedelta(days=40), first - timedelta(days=1))[-1]
    for words in (
        ("demo", "--leads", str(leads), "--only-files"),
        ("train", "--as-of", str(trained)),
    ):
        measure([tierhouse_command("tierhouse"), *words], log, {"TIERHOUSE_HOME": str(home)})
    days = measure_command(home, log, "backfill", str(first), str(last_day - timedelta(days=1)))[WHOLE]
    return measure_command(home, log, "run", "--as-of", str(last_day))[WHOLE], days
