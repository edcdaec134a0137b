"""Customers who have opted out of marketing since a version was made: its lists still market to them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.home.sql import parquet_files
from pipelines.publish.switch import version_ids


class OptedOutSince(RuntimeError):
    """A version would market to customers who have opted out since."""


def assert_nobody_opted_out_since(published: Path, version_id: str) -> None:
    """Raises OptedOutSince, with the count by the newest version that can be read.

    Passes a version that is missing or cannot be read itself: the switch to it says so.
    """
    versions = published / "versions"
    if not _is_readable(versions / version_id):
        return
    later = [one for one in version_ids(published) if _age(versions / one) > _age(versions / version_id)]
    for newest in sorted(later, key=lambda one: _age(versions / one), reverse=True):
        try:
            count = _opted_out(versions / version_id, versions / newest)
        except duckdb.Error:  # damaged: the reason for many a rollback
            continue
        if count:
            raise OptedOutSince(
                f"{count:,} customers of {version_id} have opted out of marketing by {newest}, and its lists still "
                f"market to them. To roll back all the same: --despite-opt-outs, and keep out whoever has is_opted_out "
                f"in {published.parent / 'crm_export' / 'versions' / newest}"
            )
        return
    if later:
        raise OptedOutSince(
            f"no version after {version_id} can be read, so nobody knows who has opted out since. To roll back all the "
            "same: --despite-opt-outs"
        )


def _is_readable(version: Path) -> bool:
    try:
        with duckdb.connect() as connection:
            connection.execute(f"DESCRIBE FROM {_grades(version)}")
    except duckdb.Error:
        return False
    return True


def _age(version: Path) -> tuple[str, int]:
    """The day of a version, then when it was made."""
    return version.name[:10], version.stat().st_mtime_ns


def _opted_out(kept: Path, newest: Path) -> int:
    """Customers who are opted out in the newest version and not yet in the kept one."""
    with duckdb.connect() as connection:
        before, after = (
            f"(SELECT customer_id, {_refuses(connection, version)} AS refuses FROM {_grades(version)})"
            for version in (kept, newest)
        )
        found = connection.execute(
            f"SELECT count(*) FROM {before} AS kept JOIN {after} AS newest USING (customer_id) "
            "WHERE newest.refuses AND NOT kept.refuses"
        ).fetchone()
    return found[0]  # type: ignore[index]


def _refuses(connection: duckdb.DuckDBPyConnection, version: Path) -> str:
    """SQL for `is_opted_out`; versions of before there was such a column name nobody."""
    columns = [column[0] for column in connection.execute(f"DESCRIBE FROM {_grades(version)}").fetchall()]
    return "is_opted_out" if "is_opted_out" in columns else "false"


def _grades(version: Path) -> str:
    return parquet_files([version / "customer_grades.parquet"])
