"""The exchange rates of a home: `<home>/fx_rates.csv`, or the rules table of that name if the home has no file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from pipelines.home.settings import Settings
from pipelines.home.warehouse import replace_table
from pipelines.rules.check import RulesRefused, table_faults
from pipelines.rules.currencies import ISO_CURRENCIES
from pipelines.rules.table import Table, read_table
from pipelines.rules.version import RULES

NAME = "fx_rates"
BASE = "CNY"
"""The currency to which all amounts are converted. Its rate is 1."""


def assert_rates(settings: Settings) -> None:
    """Read and check the rates of the home. Raises RulesRefused with file and line of each fault."""
    _home_rates(settings)


def rate_problems(settings: Settings) -> list[str]:
    """Return one text with all faults in the rates of the home, or an empty list if there are none."""
    try:
        assert_rates(settings)
    except RulesRefused as error:
        return [str(error)]
    return []


def currencies_with_rate(settings: Settings) -> set[str]:
    """Return the currencies that have a rate on any day. Raises RulesRefused."""
    table = _home_rates(settings) or read_table(RULES, NAME, _spec(RULES), [])
    return {row.values["currency"] for row in table.rows}


def write_rates(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `scope.fx_rates` (currency, valid_from, rate) with the rates of the home; without a file it is empty."""
    table = _home_rates(settings)
    columns = {"currency": pa.string(), "valid_from": pa.date32(), "rate": pa.decimal128(18, 9)}
    rows = [row.values for row in table.rows] if table else []
    arrays = {name: pa.array([row[name] for row in rows], kind) for name, kind in columns.items()}
    replace_table(connection, f"scope.{NAME}", pa.table(arrays))


def _home_rates(settings: Settings) -> Table | None:
    file = settings.fx_rates
    if not file.exists():
        return None
    faults: list[str] = []
    table = read_table(file.parent, file.stem, _spec(RULES), faults)
    faults = faults or [*table_faults(table, {}), *_rate_faults(table)]
    if faults:
        raise RulesRefused("\n".join([f"the rates in {file} cannot be used:", *faults]))
    return table


def _rate_faults(table: Table) -> Iterator[str]:
    for row in table.rows:
        currency, rate = row.values["currency"], row.values["rate"]
        if currency not in ISO_CURRENCIES:
            yield table.fault(row.line, f"currency: expected a code of ISO 4217 such as USD, found {currency}")
        elif currency == BASE and rate != 1:
            yield table.fault(row.line, f"rate: expected 1 for {BASE}, which amounts are converted to, found {rate}")
        elif rate is not None and not 0 < rate < 10**9:
            yield table.fault(row.line, f"rate: expected more than 0 and less than a billion, found {rate}")


def _spec(folder: Path) -> dict:
    return yaml.safe_load((folder / f"{NAME}.yml").read_text(encoding="utf-8"))["seeds"][0]
