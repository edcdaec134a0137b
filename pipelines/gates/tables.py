"""The tables that a gate judges, as queries on DuckDB: no gate loads a table into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.gates.rules import Condition
from pipelines.home.sql import first_value, identifier

Queries = Mapping[str, str]
"""Name of a table in the suite → the query that returns its rows."""

FOUND = "has_a_contact"
"""The column that says whether the search of the text columns found something."""
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

    def selected(self, columns: Sequence[str]) -> str:
        """Return a query of some columns, and of `FOUND`, which is false: see `finds`. NaN becomes null."""
        parts = [f"{self._value(name)} AS {identifier(name)}" for name in columns]
        return f"SELECT {', '.join([*parts, f'false AS {FOUND}'])} FROM ({self.query}) AS judged"

    def finds(self, searched: Mapping[str, str]) -> bool:
        """Whether a search finds something in one of the texts. Searches each text of a column once.

        `searched`: text column → the function of CONTACT_FUNCTIONS that searches it.
        """
        texts = [
            f"SELECT {search}(words) FROM (SELECT DISTINCT {self._value(name)} AS words FROM ({self.query}))"
            for name, search in searched.items()
        ]
        found = f"SELECT bool_or(found) FROM ({' UNION ALL '.join(texts)}) AS texts (found)"
        return bool(texts) and bool(first_value(self.connection.execute(found)))

    def _value(self, name: str) -> str:
        kind = self.types[name]
        if kind in _FLOATS:
            return f"nullif({identifier(name)}, 'nan'::{kind})"
        return f"{identifier(name)}::VARCHAR" if name in self.text_columns and kind != "VARCHAR" else identifier(name)
