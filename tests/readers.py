"""Readers that query the live version without pause while others publish. Also a script, for other DuckDB versions.

`python readers.py <kind> <where> <stop>` reads until the file `stop` exists. It prints `reading` when it begins, and at
the end a JSON object with `answers` (number of answers), `days` (the days that it saw, in order) and `mixed` (answers
with several days).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

TABLES = ("customer_grades", "grade_reasons", "publication")


def one_answer(tables: Sequence[str], prefix: str = "") -> str:
    """SQL whose rows are the days of several tables, in one statement."""
    return " UNION ".join(f"SELECT as_of FROM {prefix}{table}" for table in tables)


def duckdb_days(current: str, tables: Sequence[str]) -> set[str]:
    """Open the DuckDB file, as a tool without a pool does, and read the tables in one connection."""
    with duckdb.connect(f"{current}/tierhouse.duckdb", read_only=True) as connection:
        return {str(row[0]) for table in tables for row in connection.execute(f"SELECT as_of FROM {table}").fetchall()}


def parquet_days(current: str, tables: Sequence[str]) -> set[str]:
    """Resolve the link, as docs/outputs.md tells readers of several files, and read the files."""
    folder = Path(current).resolve()
    with duckdb.connect() as connection:
        found = (connection.execute(f"SELECT as_of FROM '{folder}/{table}.parquet'").fetchall() for table in tables)
        return {str(row[0]) for rows in found for row in rows}


def postgres_reader(url: str, tables: Sequence[str]) -> Callable[[], set[str]]:
    """Query one connection in turn: one statement, a transaction of several, and a `repeatable read` transaction."""
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    turn = 0

    def read() -> set[str]:
        nonlocal turn
        turn += 1
        if turn % 3 == 0:
            return {str(row[0]) for row in connection.execute(one_answer(tables, "tierhouse.")).fetchall()}
        with connection.transaction():
            if turn % 3 == 1:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                connection.execute("SELECT 1")  # takes the snapshot before the first view is read
            found = [connection.execute(f"SELECT as_of FROM tierhouse.{table}").fetchall() for table in tables]
            assert all(found), "a table was empty"
            return {str(row[0]) for rows in found for row in rows}

    return read


def reader(kind: str, where: str, tables: Sequence[str] = TABLES) -> Callable[[], set[str]]:
    """Return a function that reads once. `where`: the folder `current`, or the URL of the database."""
    if kind == "postgres":
        return postgres_reader(where, tables)
    read = duckdb_days if kind == "duckdb" else parquet_days
    return lambda: read(where, tables)


def read_until(stopped: Callable[[], bool], read: Callable[[], set[str]]) -> dict[str, object]:
    """Read again and again, at least once after the stop."""
    answers, mixed, days = 0, [], []
    last = False
    while not last:
        last = stopped()
        found = sorted(read())
        answers += 1
        if len(found) != 1:
            mixed.append(found)
        elif days[-1:] != found:
            days += found
    return {"answers": answers, "days": days, "mixed": mixed}


if __name__ == "__main__":
    reading = reader(sys.argv[1], sys.argv[2])
    reading()
    sys.stdout.write("reading\n")
    sys.stdout.flush()
    sys.stdout.write(json.dumps(read_until(Path(sys.argv[3]).exists, reading)))
