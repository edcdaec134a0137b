"""The scope of a run: the days that core builds, and the day whose tables are published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd

from pipelines.errors import TierhouseError
from pipelines.home.days import span
from pipelines.home.settings import Settings
from pipelines.home.warehouse import replace_table
from pipelines.ledger.acceptances import write_acceptances
from pipelines.rules.fx_rates import write_rates
from pipelines.rules.version import rule_version


class ScopeChanged(TierhouseError):
    """Another run rebuilt the warehouse for other days during this run."""


def cutoff_utc(as_of: date, settings: Settings) -> pd.Timestamp:
    """Return the midnight that ends the day in the business time zone, as UTC without offset."""
    midnight = datetime.combine(as_of + timedelta(days=1), datetime.min.time(), tzinfo=settings.zone)
    return pd.Timestamp(midnight).tz_convert("UTC").tz_localize(None)


def write_scope(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of_dates: Sequence[date], run_id: str
) -> None:
    """Fill the schema `scope`: days, run, exchange rates of the home, acceptances. The last day is published."""
    days = pd.DataFrame({"as_of": pd.to_datetime(sorted(as_of_dates)).astype("datetime64[s]")})
    replace_table(connection, "scope.as_of_dates", days)
    connection.execute("ALTER TABLE scope.as_of_dates ALTER as_of TYPE DATE")
    version = rule_version(rates=settings.fx_rates)
    connection.execute(
        "CREATE OR REPLACE TABLE scope.run AS SELECT ?::VARCHAR AS run_id, ?::DATE AS publication_as_of, "
        "?::VARCHAR AS rule_version, ?::TIMESTAMP AS published_at",
        [
            run_id,
            max(as_of_dates),
            version,
            settings.now().replace(tzinfo=None, microsecond=0),
        ],
    )
    write_rates(connection, settings)
    write_acceptances(connection, settings)


def assert_scope(connection: duckdb.DuckDBPyConnection, as_of_dates: Sequence[date]) -> None:
    """Raise ScopeChanged unless the warehouse was built for exactly these days."""
    built = [row[0] for row in connection.execute("SELECT as_of FROM scope.as_of_dates ORDER BY 1").fetchall()]
    if built != sorted(as_of_dates):
        raise ScopeChanged(
            f"expected a warehouse for {span(sorted(as_of_dates))}, found {span(built)}: run the whole job for its days"
        )
