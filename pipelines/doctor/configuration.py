"""Checks of the settings: names, channels of alerts, PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches

from pipelines.doctor.finding import Finding, ok, problem, warning
from pipelines.home.settings import Settings, variables

CONNECT_SECONDS = 3


def names(_settings: Settings) -> Iterator[Finding]:
    """Every TIERHOUSE_ variable is a setting: a misspelt one would be ignored."""
    known = [f"TIERHOUSE_{name.upper()}" for name in Settings.model_fields]
    unknown = [name for name in variables() if name not in known]
    for name in unknown:
        close = get_close_matches(name, known, 1)
        yield warning("settings", f"{name} is no setting", f"did you mean {close[0]}?" if close else "see .env.example")
    if not unknown:
        yield ok("settings", f"{len(variables())} set, all known and valid")


def memory(settings: Settings) -> Iterator[Finding]:
    """DuckDB's limit fits into the memory of the machine."""
    gigabytes = float(settings.memory_limit.rstrip("MGiB ")) / (1 if "G" in settings.memory_limit else 1024)
    limit, machine = gigabytes * 1024**3, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    shown = f"limit of DuckDB {settings.memory_limit}, memory of the machine {machine / 1024**3:.1f} GiB"
    if limit > 0.9 * machine:
        yield warning("memory", shown, f"set TIERHOUSE_MEMORY_LIMIT to about {max(1, int(0.6 * machine / 1024**3))}GB")
    else:
        yield ok("memory", shown)


def engine(settings: Settings) -> Iterator[Finding]:
    """What the engine of TIERHOUSE_ENGINE needs is there: PySpark and Java, and the server of TIERHOUSE_SPARK_URL."""
    if settings.engine == "duckdb":
        yield ok("engine", "duckdb")
        return
    from pipelines.errors import TierhouseError
    from pipelines.spark.server import check

    try:
        yield ok("engine", f"spark, {check(settings)}")
    except TierhouseError as error:
        yield problem("engine", str(error), "see docs/scaling.md")


def postgres(settings: Settings) -> Iterator[Finding]:
    """The server of TIERHOUSE_POSTGRES_URL accepts a connection."""
    if settings.postgres_url is None:
        return
    import psycopg

    from pipelines.publish.postgres.connection import describe_error, place

    url = settings.postgres_url.get_secret_value()
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        yield problem(
            "postgres", f"{place(settings)}: {describe_error(error, url)}", "then `tierhouse publish-postgres`"
        )
    else:
        yield ok("postgres", f"{place(settings)}, version {version}")


def channels(settings: Settings) -> Iterator[Finding]:
    """The addresses in TIERHOUSE_ALERT_URLS can be used. Sends nothing."""
    from pipelines.alerts.addresses import channel_names

    known = channel_names(settings.alert_addresses)
    if not known:
        yield warning(
            "alerts", "no channel: nobody learns that a run failed", "set TIERHOUSE_ALERT_URLS (docs/runbook.md#alerts)"
        )
        return
    from pipelines.alerts.channels import AddressRefused, open_channel

    for address, name in known.items():
        try:
            open_channel(address)
        except AddressRefused as error:
            yield problem("alerts", f"channel {name}: {error}", "correct TIERHOUSE_ALERT_URLS")
        else:
            yield ok("alerts", f"channel {name}; `tierhouse alerts --test` sends a message")
