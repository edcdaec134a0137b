"""RFM of ten million transactions and one million customers: the project's dbt chain, from landed rows to
`customer_rfm__by_as_of`, beside one plain DuckDB query with the same result and beside `lifetimes`.

Bars: at most twice the plain query; less than a fifth of `lifetimes`, which runs on a sample and is compared per row.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks.measure import Line, Measured, measure, middle, show, tierhouse_command
from benchmarks.rfm_landed import hand_over, write_transactions
from pipelines.settings import Settings
from pipelines.transform.dbt_process import dbt_environment

ROWS = 10_000_000
SAMPLE = 500_000
REPEATS = 3
DIFFERENCES = """
    SELECT count(*)
    FROM plain.plain_rfm AS a
    FULL JOIN dbt.marts.customer_rfm__by_as_of AS b ON a.customer_key = b.customer_key
    WHERE (a.frequency, a.monetary_total, a.r, a.f, a.m) IS DISTINCT FROM (b.frequency, b.monetary_total, b.r, b.f, b.m)
"""


class ResultsDiffer(AssertionError):
    """The contestants have not done the same work."""


def run(folder: Path, rows: int | None) -> None:
    """Measure the three and print the ratios; the chain and the plain query run by turns."""
    rows = rows or ROWS
    sample = min(SAMPLE, rows)
    landed, landed_sample, base = folder / "landed.parquet", folder / "sample.parquet", folder / "base.duckdb"
    write_transactions(landed, rows)
    write_transactions(landed_sample, sample)
    hand_over(base, landed, rows)
    _dbt(folder, base, "seed")

    chains, plains = [], []
    for _ in range(REPEATS):
        chain, plain = (Path(shutil.copy(base, folder / f"{name}.duckdb")) for name in ("chain", "plain"))
        chains.append(_dbt(folder, chain, "run", "--select", "+customer_rfm__by_as_of"))
        plains.append(_contestant("plain", plain, folder))
        _assert_same(plain, chain)
    start_up = _dbt(folder, base, "run", "--select", "int_as_of_dates")
    library = _contestant("lifetimes", landed_sample, folder)
    chain, plain = middle(chains), middle(plains)
    share = (chain.seconds / rows) / (library.seconds / sample)
    show(
        f"rfm: {rows:,} transactions, one as_of; median of {REPEATS} by turns; results equal",
        [
            Line("plain DuckDB query", plain),
            Line("dbt chain", chain, f"{chain.seconds / plain.seconds:.2f} × plain", "≤ 2 ×"),
            Line("  of it dbt's start", start_up),
            Line(f"lifetimes, {sample:,} rows", library, f"chain per row {share:.3f} ×", "< 0.2 ×"),
        ],
    )


def _dbt(folder: Path, warehouse: Path, *arguments: str) -> Measured:
    command = [tierhouse_command("tierhouse-dbt"), *arguments, "--target-path", str(folder / "target")]
    environment = dbt_environment(Settings(home=folder), warehouse)
    return measure([*command, "--log-path", str(folder / "logs")], folder / "dbt.log", environment)


def _contestant(name: str, what: Path, folder: Path) -> Measured:
    return measure([sys.executable, "-m", "benchmarks.rfm_contestants", name, str(what)], folder / f"{name}.log")


def _assert_same(plain: Path, chain: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{plain}' AS plain (READ_ONLY); ATTACH '{chain}' AS dbt (READ_ONLY)")
        ((customers,),) = connection.execute("SELECT count(*) FROM plain.plain_rfm").fetchall()
        ((differences,),) = connection.execute(DIFFERENCES).fetchall()
    if differences or not customers:
        raise ResultsDiffer(f"expected the same scores for all customers, found {differences:,} of {customers:,} apart")
