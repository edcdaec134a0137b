"""A model or test of the dbt project as plain SQL, for rules that can be proven on a few rows without dbt."""

from __future__ import annotations

import duckdb
import jinja2
import pandas as pd

from pipelines.home.settings import DBT_PROJECT

MACROS = "".join(file.read_text(encoding="utf-8") for file in sorted((DBT_PROJECT / "macros").glob("agresti_*.sql")))


def rendered(path: str) -> str:
    """The SQL of a file of the project, `ref('a')` as table `a` and `source('a', 'b')` as table `a_b`."""
    text = MACROS + (DBT_PROJECT / path).read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(text).render(ref=str, source=lambda name, table: f"{name}_{table}")


def run(path: str, **tables: pd.DataFrame | str) -> pd.DataFrame:
    """What the file selects from these tables: frames, or SQL that makes them."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            if isinstance(table, str):
                connection.execute(f"CREATE TABLE {name} AS {table}")
            else:
                connection.register(name, table)
        return connection.execute(rendered(path)).df()
