"""A model or test of the dbt project as plain SQL, for rules that can be proven on a few rows without dbt."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import jinja2
import pandas as pd

from pipelines.home.settings import DBT_PROJECT

MACROS = "".join(
    (DBT_PROJECT / "macros" / name).read_text(encoding="utf-8") for name in ("agresti_caffo.sql", "rounded.sql")
)


class Adapter:
    """Dispatches a macro to its form for DuckDB, as dbt does."""

    def __init__(self, environment: jinja2.Environment) -> None:
        self._macros = environment.from_string(MACROS, {"adapter": self, "return": str}).module

    def dispatch(self, name: str) -> Callable[..., str]:
        return getattr(self._macros, f"default__{name}")


def rendered(path: str) -> str:
    """The SQL of a file of the project, `ref('a')` as table `a` and `source('a', 'b')` as table `a_b`."""
    text = MACROS + (DBT_PROJECT / path).read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    known = {"adapter": Adapter(environment), "return": str}
    return environment.from_string(text, known).render(ref=str, source=lambda name, table: f"{name}_{table}")


def run(path: str, **tables: pd.DataFrame | str) -> pd.DataFrame:
    """What the file selects from these tables: frames, or SQL that makes them."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            if isinstance(table, str):
                connection.execute(f"CREATE TABLE {name} AS {table}")
            else:
                connection.register(name, table)
        return connection.execute(rendered(path)).df()
