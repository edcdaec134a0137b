"""Ingestion of CSV files of leads and interactions into landing, beside DuckDB's own copy to Parquet.

The copy has no checks and no versions. The ratio shows the cost of the contract, the quarantine and the versions.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.measure import Line, Measured, measure, middle, show
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.ingest import landing
from pipelines.ingest.stage import stage_sources

LEADS = 1_000_000
INTERACTIONS_PER_LEAD = 10
REPEATS = 3
BAR = "≤ 4 ×"
MAPPING = """\
source: shop
root: ../..
timezone: Asia/Shanghai
currency: CNY
history: true
files:
  - path: leads.csv
    entities:
      leads:
        lead_id: id
        created_at: created
        full_name: name
        phone: mobile
        email: mail
        channel: {column: source, values: {网站: online/website, 平台: online/portal, 自然到访: offline/walk_in}}
        demand_type: demand
        budget_min: {column: budget, scale: 10000}
        preferred_district: district
        agent_id: agent
  - path: interactions.csv
    entities:
      interactions:
        interaction_id: id
        lead_id: lead
        occurred_at: at
        kind: kind
        direction: direction
        answered: answered
        channel: channel
        agent_id: agent
        topic: topic
"""
MOMENT = "strftime(TIMESTAMP '2021-01-01' + to_seconds((hash(i) % 126000000)::BIGINT), '%Y-%m-%d %H:%M:%S')"


def _pick(*values: str) -> str:
    """Return SQL that picks one of the values for each row. An empty value is null."""
    listed = ", ".join(f"'{value}'" if value else "NULL" for value in values)
    return f"[{listed}][1 + (hash(i, {len(listed)}) % {len(values)})::INTEGER]"


FILES = {
    "leads": f"""
        'L' || i AS id, {MOMENT} AS created, '客户' || hash(i) % 9999 AS name,
        '160' || lpad(CAST(hash(i * 5) % 100000000 AS VARCHAR), 8, '0') AS mobile,
        CASE WHEN i % 3 = 0 THEN 'u' || i || '@example.com' END AS mail, {_pick("网站", "平台", "自然到访")} AS source,
        {_pick("buy", "rent")} AS demand, 100 + hash(i * 3) % 900 AS budget,
        '区' || hash(i * 19) % 16 AS district, 'A' || hash(i * 23) % 300 AS agent
    """,
    "interactions": f"""
        'I' || i AS id, 'L' || i // {INTERACTIONS_PER_LEAD} AS lead, {MOMENT} AS at,
        {_pick("call", "message", "viewing", "enquiry")} AS kind, {_pick("in", "out")} AS direction,
        {_pick("true", "false", "")} AS answered, {_pick("phone", "wechat", "web")} AS channel,
        'A' || hash(i * 23) % 300 AS agent, {_pick("price", "", "", "")} AS topic
    """,
}


def run(folder: Path, rows: int | None) -> None:
    """Measure both, alternating, and print the ratio. `rows`: number of leads."""
    leads = rows or LEADS
    expected = {"leads": leads, "interactions": leads * INTERACTIONS_PER_LEAD}
    with duckdb.connect() as connection:
        for name, columns in FILES.items():
            connection.execute(
                f"COPY (SELECT {columns} FROM range({expected[name]}) AS numbers (i)) TO '{folder / name}.csv'"
            )
    copies, loads = [], []
    for repeat in range(REPEATS):
        home = folder / f"home-{repeat}"
        copies.append(_contestant("copy", folder, folder / f"copy-{repeat}"))
        loads.append(_contestant("load", folder, home))
        landed = {name: _count(home / "landing" / "data" / "*" / f"{name}.parquet") for name in expected}
        if landed != expected:
            raise AssertionError(f"landing: expected {expected}, found {landed}")
    copy, load = middle(copies), middle(loads)
    ratio = f"{load.seconds / copy.seconds:.1f} ×"
    if load.cpu_seconds and copy.cpu_seconds:
        ratio += f", processor {load.cpu_seconds / copy.cpu_seconds:.1f} ×"
    show(
        f"ingest: CSV, {leads:,} leads, {expected['interactions']:,} interactions, median of {REPEATS}, alternating",
        [
            Line("DuckDB COPY to Parquet", copy),
            Line("stage + commit", load, ratio, BAR),
        ],
    )


def _contestant(name: str, folder: Path, target: Path) -> Measured:
    command = [sys.executable, "-m", "benchmarks.ingest", name, str(folder), str(target)]
    return measure(command, folder / f"{name}.log")


def _count(files: Path) -> int:
    with duckdb.connect() as connection:
        return first_value(connection.execute("SELECT count(*) FROM read_parquet(?)", [str(files)]))


def copy(folder: Path, target: Path) -> None:
    """The plain way: DuckDB detects the types of the files and writes Parquet."""
    target.mkdir()
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        for name in FILES:
            connection.execute(
                f"COPY (FROM read_csv('{folder / name}.csv')) TO '{target / name}.parquet' "
                "(FORMAT parquet, COMPRESSION zstd)"
            )


def load(_: Path, home: Path) -> None:
    """The way of the project: stage by the mapping, then commit."""
    settings = Settings(home=home)
    settings.sources_dir.mkdir(parents=True)
    (settings.sources_dir / "shop.yml").write_text(MAPPING, encoding="utf-8")
    (report,) = stage_sources(settings, datetime(2026, 1, 15, tzinfo=UTC))
    if report.problems or report.batch is None:
        raise AssertionError(f"expected one clean batch, found {report.problems}")
    landing.commit(settings, [report.batch])


if __name__ == "__main__":
    {"copy": copy, "load": load}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
