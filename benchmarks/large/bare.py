"""The work of a day without Tierhouse: the compiled SQL of its models in one DuckDB process, and the scores alone.

Both contestants start from the tables that the steps before them left in the warehouse of a graded home.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import duckdb

from benchmarks.large.sample import Cost, sampled
from benchmarks.measure import tierhouse_command
from pipelines.home.places import WAREHOUSE
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier
from pipelines.home.warehouse import connect
from pipelines.transform.dbt import manifest_models


def bare_sql(home: Path, folder: Path) -> Cost:
    """Build every model of a graded home again, from its compiled SQL, without dbt, tests, gates or Dagster.

    The tables are replaced in the warehouse of the home: a copy of it would need 20 GB at a million leads.
    """
    compiled = folder / "compiled"
    command = [tierhouse_command("tierhouse-dbt"), "--quiet", "compile", "--target-path", str(compiled)]
    sampled(command, folder / "compile.log", home)
    return _contestant("sql", home, folder, str(compiled))


def bare_scores(home: Path, folder: Path, day: date) -> Cost:
    """Score the day of a graded home again, without writing the scores."""
    return _contestant("scores", home, folder, str(day))


def _contestant(name: str, home: Path, folder: Path, word: str) -> Cost:
    """Run a contestant in a process of its own. `seconds` leaves out the imports and the preparation."""
    log = folder / f"{name}.log"
    cost, _ = sampled([sys.executable, "-m", "benchmarks.large.bare", name, str(home), str(folder), word], log, home)
    return Cost(float(log.read_text(encoding="utf-8").split()[-1]), cost.cpu_seconds, cost.peak_mib)


def build_models(home: str, _folder: str, compiled: str) -> None:
    """Replace each model in the warehouse. The last word of the output is the time in seconds."""
    statements = list(_statements(Path(compiled)))
    with connect(Path(home) / WAREHOUSE, Settings(home=Path(home))) as connection:
        for kind, relation, _ in reversed(statements):
            connection.execute(f"DROP {kind} IF EXISTS {relation} CASCADE")
        connection.execute("CHECKPOINT")
        started = perf_counter()
        for kind, relation, query in statements:
            _create(connection, kind, relation, query)
        connection.execute("CHECKPOINT")
        print(perf_counter() - started)


def _create(connection: duckdb.DuckDBPyConnection, kind: str, relation: str, query: str) -> None:
    connection.execute(f"CREATE {kind} {relation} AS {query}")


def _statements(compiled: Path) -> list[tuple[str, str, str]]:
    """Return kind, relation and compiled query of each model, inputs first."""
    models = {node["unique_id"]: node for node in manifest_models()}
    ordered: dict[str, None] = {}

    def add(model_id: str) -> None:
        for needed in models[model_id]["depends_on"]["nodes"]:
            if needed in models and needed not in ordered:
                add(needed)
        ordered.setdefault(model_id)

    for model_id in models:
        add(model_id)
    result: list[tuple[str, str, str]] = []
    for model_id in ordered:
        node = models[model_id]
        if node["config"]["materialized"] in ("table", "view"):
            query: str = (compiled / "compiled" / node["package_name"] / node["original_file_path"]).read_text("utf-8")
            relation = f"{identifier(node['schema'])}.{identifier(node['alias'])}"
            result.append((node["config"]["materialized"].upper(), relation, query))
    return result


def score_again(home: str, _folder: str, day: str) -> None:
    """Score a day from the tables of its run. The last word of the output is the time in seconds."""
    from pipelines.ledger.register import register_ledger
    from pipelines.scoring.scores import score_days

    settings = Settings(home=Path(home))
    with connect(settings.warehouse, settings) as connection:
        register_ledger(connection, settings.ledger, date.fromisoformat(day))
        started = perf_counter()
        score_days(connection, settings.model_store, [date.fromisoformat(day)], lambda _: None)
        print(perf_counter() - started)


if __name__ == "__main__":
    {"sql": build_models, "scores": score_again}[sys.argv[1]](*sys.argv[2:])
