"""The report of a million customers, in a process of its own: time, memory and size of the page.

The publication is that of a demo with its past, each customer many times over under other ids, with up to 500 agents
and 60 channels. Its size is that of a real one; its shares are those of the demo.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import duckdb

from benchmarks.measure import Line, measure, show, tierhouse_command
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, identifier
from pipelines.report.build import PAGE, render

CUSTOMERS, AGENTS, CHANNELS = 1_000_000, 500, 60
LEADS = 2_000
BAR_SECONDS, BAR_MB = 20, 5


def run(folder: Path, rows: int | None) -> None:
    """Publish a small demo, multiply it, and measure the report. `rows`: number of customers."""
    settings, customers, version = Settings(home=folder / "home"), rows or CUSTOMERS, folder / "version"
    environment = {"TIERHOUSE_HOME": str(settings.home)}
    measure([tierhouse_command("tierhouse"), "demo", "--leads", str(LEADS)], folder / "demo.log", environment)
    version.mkdir()
    multiply(settings.published / "current" / "tierhouse.duckdb", version / "tierhouse.duckdb", customers)
    log = folder / "render.log"
    measured = measure([sys.executable, "-m", "benchmarks.report", str(version)], log)
    seconds, size, pages = log.read_text(encoding="utf-8").split()[-3:]
    show(
        f"report: {customers:,} customers",
        [Line("whole process", measured, f"{measured.seconds / BAR_SECONDS:.2f}", f"{BAR_SECONDS} s")],
    )
    print(f"pages: {float(seconds):.1f} s; {PAGE}: {int(size) / 1e6:.2f} MB (bar {BAR_MB} MB); agents' pages: {pages}")


def multiply(source: Path, target: Path, customers: int) -> None:
    """Write a publication in which each customer of `source` is repeated until there are `customers` of them."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"ATTACH '{source}' AS small (READ_ONLY)")
        known = first_value(connection.execute("SELECT count(*) FROM small.customer_grades"))
        copies = -(-customers // known)
        for (table,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'small' ORDER BY 1"
        ).fetchall():
            columns = {row[0] for row in connection.execute(f"DESCRIBE small.{identifier(table)}").fetchall()}
            connection.execute(f"CREATE TABLE {identifier(table)} AS {_copies(table, columns, copies)}")


def _copies(table: str, columns: set[str], copies: int) -> str:
    """Return the query of a table. Members of measures and work lists are repeated up to AGENTS and CHANNELS."""
    whole = f"SELECT * FROM small.{identifier(table)}"
    members = "greatest(1, {most} // (SELECT count(DISTINCT member) FROM small.kpi_monthly WHERE dimension = '{name}'))"
    agents = members.format(most=AGENTS, name="agent")
    if table == "kpi_monthly":
        channels = members.format(most=CHANNELS, name="channel")
        return f"""
            SELECT small.* REPLACE (CASE WHEN copy = 0 THEN member ELSE {_other_key("member")} END AS member)
            FROM ({whole}) AS small, range({copies}) AS copies (copy)
            WHERE copy < CASE dimension WHEN 'agent' THEN {agents} WHEN 'channel' THEN {channels} ELSE 1 END
        """
    if "customer_id" not in columns:
        return whole
    replaced = ["left(sha256(customer_id || copy), 32) AS customer_id"]
    if table == "agent_worklist":
        replaced.append(f"CASE WHEN copy = 0 THEN agent_id ELSE {_other_key('agent_id')} END AS agent_id")
    most = agents if table == "agent_worklist" else str(copies)
    return f"""
        SELECT small.* REPLACE ({", ".join(replaced)})
        FROM ({whole}) AS small, range({copies}) AS copies (copy)
        WHERE copy < {most}
    """


def _other_key(column: str) -> str:
    """SQL of the key of a repeated agent, or the name of a repeated channel."""
    return f"""
        CASE
            WHEN starts_with({column}, 'agent-') THEN 'agent-' || left(sha256({column} || copy), 16)
            ELSE {column} || ' ' || copy
        END
    """


def main(version: str) -> None:
    """Build the pages. Prints the seconds, the size of the page in bytes, and the number of agents' pages."""
    started = perf_counter()
    pages = render(Path(version))
    print(perf_counter() - started, len(pages[PAGE]), len(pages) - 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
