"""RFM of ten million transactions and one million customers: the project's dbt chain, from landed rows to
`customer_rfm__by_as_of`, beside one plain DuckDB query with the same result and beside `lifetimes`.

Bars: the models of the chain take at most twice as long as the plain query; both start from landed rows. The last model
takes less than a fifth of `lifetimes`; both start from clean rows. The start of dbt is not part of a model: a run pays
it once for all models.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks.measure import Line, Measured, measure, middle, show, tierhouse_command
from benchmarks.rfm_landed import hand_over, write_transactions
from pipelines.home.settings import Settings
from pipelines.transform.dbt import dbt_environment

ROWS = 10_000_000
REPEATS = 3
MODEL = "customer_rfm__by_as_of"
DIFFERENCES = f"""
    SELECT count(*)
    FROM plain.plain_rfm AS a
    FULL JOIN dbt.core.{MODEL} AS b ON a.customer_key = b.customer_key
    WHERE (a.frequency, a.monetary_total, a.r, a.f, a.m) IS DISTINCT FROM (b.frequency, b.monetary_total, b.r, b.f, b.m)
"""


class ResultsDiffer(AssertionError):
    """The contestants have different results."""


def run(folder: Path, rows: int | None) -> None:
    """Measure the three contestants, alternating, and print the ratios. `rows`: number of transactions."""
    rows = rows or ROWS
    landed = folder / "landed.parquet"
    base, chain, plain = (folder / name / "warehouse.duckdb" for name in ("base", "chain", "plain"))
    for warehouse in (base, chain, plain):
        warehouse.parent.mkdir()
    write_transactions(landed, rows)
    hand_over(base, landed, rows)
    _dbt(folder, base, "seed")

    processes, chains, models, plains, libraries = [], [], [], [], []
    for _ in range(REPEATS):
        for warehouse in (chain, plain):
            shutil.copy(base, warehouse)
        processes.append(_dbt(folder, chain, "run", "--select", f"+{MODEL}"))
        every, model = _models_of_last_run(folder)
        chains.append(every)
        models.append(model)
        plains.append(_contestant("plain", plain, folder))
        libraries.append(_contestant("lifetimes", landed, folder))
        _assert_same(plain, chain)
    process, all_models, last_model, query, library = map(middle, (processes, chains, models, plains, libraries))

    show(
        f"rfm: {rows:,} transactions, one as_of; medians of {REPEATS}, alternating; results equal",
        [
            Line("plain DuckDB query from landed rows", query),
            Line("dbt chain from landed rows, its process", process),
            Line("  its models", all_models, f"{all_models.seconds / query.seconds:.2f} × plain", "≤ 2 ×"),
            Line("lifetimes from clean rows", library),
            Line(f"  {MODEL}", last_model, f"{last_model.seconds / library.seconds:.2f} × lifetimes", "< 0.2 ×"),
        ],
    )


def _dbt(folder: Path, warehouse: Path, *arguments: str) -> Measured:
    command = [tierhouse_command("tierhouse-dbt"), *arguments, "--target-path", str(folder / "target")]
    environment = dbt_environment(Settings(home=folder), warehouse)
    return measure([*command, "--log-path", str(folder / "logs")], folder / "dbt.log", environment)


def _models_of_last_run(folder: Path) -> tuple[Measured, Measured]:
    """Return the time of all models, which run one after the other, and the time of MODEL alone."""
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {row["unique_id"].rsplit(".", 1)[-1]: row["execution_time"] for row in results}
    return Measured(sum(seconds.values())), Measured(seconds[MODEL])


def _contestant(name: str, what: Path, folder: Path) -> Measured:
    return measure([sys.executable, "-m", "benchmarks.rfm_contestants", name, str(what)], folder / f"{name}.log")


def _assert_same(plain: Path, chain: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{plain}' AS plain (READ_ONLY); ATTACH '{chain}' AS dbt (READ_ONLY)")
        ((customers,),) = connection.execute("SELECT count(*) FROM plain.plain_rfm").fetchall()
        ((differences,),) = connection.execute(DIFFERENCES).fetchall()
    if differences or not customers:
        raise ResultsDiffer(
            f"expected the same RFM for all customers, found {differences:,} differences in {customers:,}"
        )
