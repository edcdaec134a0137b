"""The tables that a gate judges, as queries on DuckDB: no gate loads a table into memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines.gates.rules import Condition
from pipelines.home.sql import first_value, identifier

Queries = Mapping[str, str]
"""Name of a table in the suite → the query that returns its rows."""

_FLOATS = ("FLOAT", "DOUBLE")
_TEXT = ("VARCHAR", "BLOB", "JSON", "ENUM", "STRUCT", "MAP", "UNION")


@dataclass(frozen=True)
class GateTable:
    """One table. `types`: DuckDB's type of each column, in order."""

    connection: duckdb.DuckDBPyConnection
    query: str
    types: Mapping[str, str]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, query: str) -> GateTable:
        """Describe the result of a query. Raises duckdb.Error if the query is not valid."""
        described = connection.execute(f"DESCRIBE {query}").fetchall()
        return cls(connection, query, {row[0]: row[1] for row in described})

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.types)

    @property
    def text_columns(self) -> list[str]:
        """The columns that can contain text: all except numbers, times and booleans."""
        return [name for name, kind in self.types.items() if kind.startswith(_TEXT) or kind.endswith("[]")]

    def rows(self, where: Condition | None = None) -> int:
        """Return the number of rows that meet a condition, without one of all rows."""
        if where is None:
            return first_value(self.connection.execute(f"SELECT count(*) FROM ({self.query})"))
        operator = "=" if where.operator == "==" else where.operator
        condition = f"{identifier(where.column)} {operator} $value"
        counted = f"SELECT count(*) FROM ({self.query}) WHERE {condition}"
        return first_value(self.connection.execute(counted, {"value": where.value}))

    def selected(self, columns: tuple[str, ...]) -> str:
        """Return a query of some columns. NaN is no value: it becomes null."""
        parts = [
            f"nullif({identifier(name)}, 'nan'::{self.types[name]}) AS {identifier(name)}"
            if self.types[name] in _FLOATS
            else identifier(name)
            for name in columns
        ]
        return f"SELECT {', '.join(parts) or '1 AS row'} FROM ({self.query}) AS judged"
