"""RFM of ten million transactions and one million customers: the project's dbt chain, from landed rows to
`customer_rfm__by_as_of`, beside one plain DuckDB query with the same result and beside `lifetimes`.

Bars: the chain takes at most twice the plain query, and less than a fifth of `lifetimes`. The model's own time stands
beside them without a bar: `lifetimes` starts from clean rows, without versions, time zones, identity or reversals.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks.measure import Line, Measured, measure, middle, show, tierhouse_command
from benchmarks.rfm_landed import hand_over, write_transactions
from pipelines.settings import Settings
from pipelines.transform.dbt import dbt_environment

ROWS = 10_000_000
REPEATS = 3
MODEL = "customer_rfm__by_as_of"
DIFFERENCES = f"""
    SELECT count(*)
    FROM plain.plain_rfm AS a
    FULL JOIN dbt.marts.{MODEL} AS b ON a.customer_key = b.customer_key
    WHERE (a.frequency, a.monetary_total, a.r, a.f, a.m) IS DISTINCT FROM (b.frequency, b.monetary_total, b.r, b.f, b.m)
"""


class ResultsDiffer(AssertionError):
    """The contestants have not done the same work."""


def run(folder: Path, rows: int | None) -> None:
    """Measure the three by turns and print the ratios."""
    rows = rows or ROWS
    landed = folder / "landed.parquet"
    base, chain, plain = (folder / name / "warehouse.duckdb" for name in ("base", "chain", "plain"))
    for warehouse in (base, chain, plain):
        warehouse.parent.mkdir()
    write_transactions(landed, rows)
    hand_over(base, landed, rows)
    _dbt(folder, base, "seed")

    chains, models, plains, libraries = [], [], [], []
    for _ in range(REPEATS):
        for warehouse in (chain, plain):
            shutil.copy(base, warehouse)
        chains.append(_dbt(folder, chain, "run", "--select", f"+{MODEL}"))
        models.append(_model_of_last_run(folder))
        plains.append(_contestant("plain", plain, folder))
        libraries.append(_contestant("lifetimes", landed, folder))
        _assert_same(plain, chain)
    start_up = _dbt(folder, base, "run", "--select", "int_as_of_dates")
    chain, model, plain, library = map(middle, (chains, models, plains, libraries))

    show(
        f"rfm: {rows:,} transactions, one as_of; medians of {REPEATS} by turns; results equal",
        [
            Line("plain DuckDB query", plain),
            Line("dbt chain from landed rows", chain, f"{chain.seconds / plain.seconds:.2f} × plain", "≤ 2 ×"),
            Line("  of it dbt's start", start_up),
            Line(f"  of it {MODEL}", model, f"{model.seconds / library.seconds:.2f} × lifetimes"),
            Line(
                "lifetimes from clean rows",
                library,
                f"chain {chain.seconds / library.seconds:.2f} × lifetimes",
                "< 0.2 ×",
            ),
        ],
    )


def _dbt(folder: Path, warehouse: Path, *arguments: str) -> Measured:
    command = [tierhouse_command("tierhouse-dbt"), *arguments, "--target-path", str(folder / "target")]
    environment = dbt_environment(Settings(home=folder), warehouse)
    return measure([*command, "--log-path", str(folder / "logs")], folder / "dbt.log", environment)


def _model_of_last_run(folder: Path) -> Measured:
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return Measured(next(row["execution_time"] for row in results if row["unique_id"].endswith(f".{MODEL}")))


def _contestant(name: str, what: Path, folder: Path) -> Measured:
    return measure([sys.executable, "-m", "benchmarks.rfm_contestants", name, str(what)], folder / f"{name}.log")


def _assert_same(plain: Path, chain: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{plain}' AS plain (READ_ONLY); ATTACH '{chain}' AS dbt (READ_ONLY)")
        ((customers,),) = connection.execute("SELECT count(*) FROM plain.plain_rfm").fetchall()
        ((differences,),) = connection.execute(DIFFERENCES).fetchall()
    if differences or not customers:
        raise ResultsDiffer(f"expected the same scores for all customers, found {differences:,} of {customers:,} apart")
