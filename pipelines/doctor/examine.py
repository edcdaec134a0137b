"""Runs all checks, in the order of the table."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.doctor import configuration, home, installation, operation, sources
from pipelines.doctor.finding import Check, Finding, problem
from pipelines.errors import plain_error
from pipelines.home.settings import Settings, SettingsError, load_settings

WITHOUT_HOME: tuple[Check, ...] = (
    installation.python,
    installation.packages,
    installation.dbt_manifest,
    configuration.names,
    configuration.memory,
    configuration.engine,
    configuration.channels,
    configuration.postgres,
    home.folder,
    home.disk,
    sources.sources,
    sources.connections,
)
OF_HOME: tuple[Check, ...] = (
    home.modes,
    home.key,
    home.checksums,
    home.leftovers,
    sources.drop_folder,
    operation.schedules,
    operation.publication,
    operation.models,
    operation.events,
)
"""Checks that need a home. A fresh checkout has none."""


def examine() -> Iterator[Finding]:
    """Yield the findings of all checks. Reads only, and no data of customers.

    Wrong settings are one finding; the other checks then use the defaults of the settings only where they need none.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        yield problem("settings", str(error), "correct the variable, in the environment or in .env")
        for check in (installation.python, installation.packages, installation.dbt_manifest):
            yield from _guarded(check, Settings.model_construct())
        return
    for check in (*WITHOUT_HOME, *(OF_HOME if settings.home.is_dir() else ())):
        yield from _guarded(check, settings)


def _guarded(check: Check, settings: Settings) -> Iterator[Finding]:
    """Yield the findings of a check. An error of the check is a finding too: it never stops the others."""
    try:
        yield from check(settings)
    except Exception as error:
        yield problem(check.__name__, f"could not be checked: {plain_error(error)}", "see the reason")
