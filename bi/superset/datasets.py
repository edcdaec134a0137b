"""Datasets: one query of `sql/` each, with its metrics of `datasets.yml` and the labels and types of its columns."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from bi.superset.text import Language, Text, in_language

FOLDER = Path(__file__).parent
MANIFEST = FOLDER.parents[1] / "dbt_project" / "target" / "manifest.json"
MONEY: dict[Language, str] = {"en": ",.3s", "zh": ",.1f"}
UNIT: dict[Language, str] = {"en": " (CNY)", "zh": "（万元）"}
"""Amounts: CNY with three digits in English, 10,000 CNY (万元) in Chinese."""


@dataclass(frozen=True)
class Metric:
    """An aggregate of a dataset."""

    label: Text
    sql: str
    format: str
    has_unit: bool
    note: str | None

    def format_in(self, language: Language) -> str:
        return MONEY[language] if self.format == "money" else self.format

    def export(self, name: str, language: Language) -> dict[str, Any]:
        """The metric as Superset exports it."""
        label, expression = self.label.in_(language), self.sql
        if self.format == "money":
            label += UNIT[language] if self.has_unit else ""
            expression += " / 10000" if language == "zh" else ""
        return {
            "metric_name": name, "verbose_name": label, "metric_type": None, "expression": expression,
            "description": self.note, "d3format": self.format_in(language), "currency": None, "extra": {},
            "warning_text": None,
        }  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """A query on published tables. `name` is the name of its file in `sql/`, `time` its column on time axes."""

    name: str
    title: Text
    time: str | None
    metrics: dict[str, Metric]

    def sql(self, language: Language) -> str:
        return in_language((FOLDER / "sql" / f"{self.name}.sql").read_text(encoding="utf-8"), language).strip()

    def tables(self) -> list[str]:
        """The published tables that the query reads, in its order."""
        found = re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)", self.sql("en"))
        return [table for table in dict.fromkeys(found) if table in contracts()]

    def columns(self, language: Language, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
        """The columns as Superset exports them; their types are those of the query on `connection`.

        Raises KeyError if a column has no line in `labels.csv`, or no description: neither there nor in a contract.
        """
        described: dict[str, str] = {}
        for table in self.tables():
            described = {name: column["description"] for name, column in contracts()[table].items()} | described
        columns = []
        for name, kind, *_ in connection.execute(f"DESCRIBE {self.sql(language)}").fetchall():
            label = labels()[name]
            columns.append({
                "column_name": name, "verbose_name": label[f"label_{language}"],
                "is_dttm": kind in ("DATE", "TIMESTAMP"), "is_active": True, "type": kind, "advanced_data_type": None,
                "groupby": True, "filterable": True, "expression": None,
                "description": label["description"] or described[name], "python_date_format": None,
                "datetime_format": None, "extra": {},
            })  # fmt: skip
        return columns


@cache
def datasets() -> dict[str, Dataset]:
    """`datasets.yml` by name. Raises KeyError if a key is missing."""
    listed = yaml.safe_load((FOLDER / "datasets.yml").read_text(encoding="utf-8"))
    return {name: _dataset(name, one) for name, one in listed.items()}


def _dataset(name: str, listed: dict[str, Any]) -> Dataset:
    metrics = {
        metric: Metric(Text(one["en"], one["zh"]), one["sql"], one["format"], one.get("unit", True), one.get("note"))
        for metric, one in listed["metrics"].items()
    }
    return Dataset(name, Text(**listed["title"]), listed.get("time"), metrics)


@cache
def labels() -> dict[str, dict[str, str]]:
    """`labels.csv`: column → label in both languages; its description where that of the contract does not fit."""
    with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["column"]: row for row in csv.DictReader(file)}


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """Published table → its columns, from dbt's manifest."""
    nodes = json.loads(MANIFEST.read_text(encoding="utf-8"))["nodes"].values()
    marts = [node for node in nodes if node["resource_type"] == "model" and node["config"]["schema"] == "marts"]
    return {node["alias"]: node["columns"] for node in marts}


def empty_schema() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with every published table as its contract says, without rows."""
    connection = duckdb.connect()
    for table, columns in contracts().items():
        listed = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in columns.values())
        connection.execute(f'CREATE TABLE "{table}" ({listed})')
    return connection
