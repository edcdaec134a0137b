"""A large CSV file staged and committed to landing, beside DuckDB's own copy of the file to Parquet.

The copy checks nothing and remembers nothing; the ratio says what the contract, the quarantine and the versions cost.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.measure import Line, Measured, measure, middle, show
from pipelines.ingest import landing
from pipelines.ingest.stage import stage_sources
from pipelines.settings import Settings

ROWS = 2_000_000
REPEATS = 3
MAPPING = """\
source: shop
root: ../..
timezone: Asia/Shanghai
currency: CNY
files:
  - path: sales.csv
    entities:
      transactions: {transaction_id: id, lead_id: customer, occurred_at: day, kind: {value: sale}, amount: price}
"""


def run(folder: Path, rows: int | None) -> None:
    """Measure both, by turns, and print the ratio."""
    rows = rows or ROWS
    csv = folder / "sales.csv"
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT i AS id, hash(i * 7) % 200000 AS customer,
                    strftime(TIMESTAMP '2021-01-01' + to_seconds((hash(i) % 126000000)::BIGINT), '%Y-%m-%d %H:%M:%S')
                        AS day,
                    round((1 + hash(i * 3) % 500000) / 100, 2) AS price
                FROM range({rows}) AS numbers (i)
            ) TO '{csv}'
        """)
    copies, loads = [], []
    for repeat in range(REPEATS):
        home = folder / f"home-{repeat}"
        copies.append(_contestant("copy", csv, folder / f"copy-{repeat}.parquet", folder))
        loads.append(_contestant("load", csv, home, folder))
        landed = _count(home / "landing" / "data" / "*" / "transactions.parquet")
        if landed != rows:
            raise AssertionError(f"landing: expected {rows:,} rows, found {landed:,}")
    copy, load = middle(copies), middle(loads)
    show(
        f"ingest: a CSV file of {rows:,} rows, median of {REPEATS} by turns",
        [Line("DuckDB COPY to Parquet", copy), Line("stage + commit", load, f"{load.seconds / copy.seconds:.1f} ×")],
    )


def _contestant(name: str, csv: Path, target: Path, folder: Path) -> Measured:
    command = [sys.executable, "-m", "benchmarks.ingest", name, str(csv), str(target)]
    return measure(command, folder / f"{name}.log")


def _count(files: Path) -> int:
    with duckdb.connect() as connection:
        return connection.execute("SELECT count(*) FROM read_parquet(?)", [str(files)]).fetchone()[0]


def copy(csv: Path, target: Path) -> None:
    """The plain way: DuckDB reads the file with its own guesses and writes Parquet."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute(f"COPY (FROM read_csv('{csv}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def load(_: Path, home: Path) -> None:
    """The project's way: stage by the mapping, which finds the file beside the home, then commit."""
    settings = Settings(home=home)
    settings.sources_dir.mkdir(parents=True)
    (settings.sources_dir / "shop.yml").write_text(MAPPING, encoding="utf-8")
    (report,) = stage_sources(settings, datetime(2026, 1, 15, tzinfo=UTC))
    if report.problems or report.batch is None:
        raise AssertionError(f"expected one clean batch, found {report.problems}")
    landing.commit(settings, [report.batch])


if __name__ == "__main__":
    {"copy": copy, "load": load}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
