"""Build the report of a published version: read its DuckDB file, write the pages beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.modes import open_to_readers
from pipelines.home.settings import Settings
from pipelines.integrity.log import changing
from pipelines.publish.folders import report_files
from pipelines.publish.switch import live_version, version_date, version_ids

PAGE = "report.html"


class NothingToReport(TierhouseError):
    """There is no published version of which to build the report."""


class OtherTables(TierhouseError):
    """The version was published by a release of tierhouse whose tables have other columns."""


def version_to_report(published: Path, as_of: date | None = None) -> str:
    """Return the id of the live version, or of the version of a day that was made last.

    Raises NothingToReport if nothing is published, or no version of the day is kept.
    """
    if as_of is None:
        if live := live_version(published):
            return live
        raise NothingToReport("nothing is published yet: run `tierhouse run`")
    kept = version_ids(published)
    of_day = [version for version in kept if version_date(version) == as_of]
    if not of_day:
        days = ", ".join(dict.fromkeys(str(version_date(version)) for version in kept)) or "none"
        raise NothingToReport(f"no published version of {as_of} is kept; days with a kept version: {days}")
    return max(of_day, key=lambda version: (published / "versions" / version).stat().st_mtime_ns)


def build_report(settings: Settings, version_id: str) -> Path:
    """Write `report.html` and `report/agents/<agent>.html` into the folder of a version. Returns the page.

    Replaces the report that the version has. The page comes last: it never links to a page that does not exist.
    """
    version = settings.published / "versions" / version_id
    pages = {version / name: content for name, content in render(version).items()}
    stale = set(report_files(version)) - set(pages)
    with changing(settings.home, *pages, *stale):
        for path, content in sorted(pages.items(), key=lambda page: page[0].name == PAGE):
            write_atomically(path, content)
        for path in stale:
            path.unlink()
    open_to_readers(settings, version)
    return version / PAGE


def render(version: Path) -> Mapping[str, bytes]:
    """Return the pages of a version as path below its folder → content. Opens its DuckDB file read-only.

    Raises OtherTables if a table or a column is missing.
    """
    try:
        return _render(version)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise OtherTables(
            f"{version.name} was published by another release of tierhouse, and the report cannot read its tables "
            f"({str(error).splitlines()[0]}): publish its day again with `tierhouse run --as-of {version.name[:10]}`"
        ) from error


def _render(version: Path) -> Mapping[str, bytes]:
    from pipelines.report.agents import read_lists, read_tasks
    from pipelines.report.first_screen.screen import read_first_screen
    from pipelines.report.page import render_agent, render_report
    from pipelines.report.sections.all import SECTIONS

    with duckdb.connect(str(version / "tierhouse.duckdb"), read_only=True) as connection:
        screen, lists = read_first_screen(connection), read_lists(connection)
        pages = {PAGE: render_report(screen, [make(connection) for make in SECTIONS], lists)}
        tasks = read_tasks(connection)
        for work in lists:
            page = render_agent(work, tasks[work.agent])
            pages[f"report/agents/{work.file}"] = page
    return {name: page.encode() for name, page in pages.items()}


def first_chart(version: Path) -> bytes | None:
    """Return the first chart of the report in English as a PNG, or None if the report begins without one."""
    from pipelines.report.draw import as_png
    from pipelines.report.first_screen.screen import read_first_screen

    with duckdb.connect(str(version / "tierhouse.duckdb"), read_only=True) as connection:
        figure = read_first_screen(connection).chart
    return as_png(figure.chart("en")) if figure and figure.chart else None
