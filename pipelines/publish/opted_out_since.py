"""Refuses a rollback to a version whose lists market to customers who have opted out since."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.sql import parquet_files
from pipelines.publish.switch import version_ids


class OptedOutSince(TierhouseError):
    """The lists of a version market to customers who have opted out since."""


def assert_nobody_opted_out_since(published: Path, version_id: str) -> None:
    """Raise OptedOutSince if customers of the version have opted out by the newest readable version.

    Ignores a version that is missing or unreadable: `switch` reports it.
    """
    versions = published / "versions"
    if not _is_readable(versions / version_id):
        return
    later = [other for other in version_ids(published) if _age(versions / other) > _age(versions / version_id)]
    for newest in sorted(later, key=lambda version: _age(versions / version), reverse=True):
        try:
            count = _opted_out(versions / version_id, versions / newest)
        except duckdb.Error:  # a damaged version is a common reason for a rollback
            continue
        if count:
            raise OptedOutSince(
                f"{count:,} customers of {version_id} have opted out of marketing by {newest}; the lists of "
                f"{version_id} still market to them. To roll back anyway, use --despite-opt-outs and do not contact "
                f"customers with is_opted_out in {published.parent / 'crm_export' / 'versions' / newest}"
            )
        return
    if later:
        raise OptedOutSince(
            f"no version after {version_id} can be read, so later opt-outs are unknown. To roll back anyway, use "
            "--despite-opt-outs"
        )


def _is_readable(version: Path) -> bool:
    try:
        with duckdb.connect() as connection:
            connection.execute(f"DESCRIBE FROM {_grades(version)}")
    except duckdb.Error:
        return False
    return True


def _age(version: Path) -> tuple[str, int]:
    """Sort key: the day of a version, then its time of creation."""
    return version.name[:10], version.stat().st_mtime_ns


def _opted_out(kept: Path, newest: Path) -> int:
    """Count the customers who are opted out in the newest version and not in the kept version."""
    with duckdb.connect() as connection:
        before, after = (
            f"(SELECT customer_id, {_refuses(connection, version)} AS refuses FROM {_grades(version)})"
            for version in (kept, newest)
        )
        found = connection.execute(
            f"SELECT count(*) FROM {before} AS kept JOIN {after} AS newest USING (customer_id) "
            "WHERE newest.refuses AND NOT kept.refuses"
        ).fetchone()
    return found[0] if found else 0


def _refuses(connection: duckdb.DuckDBPyConnection, version: Path) -> str:
    """Return SQL for `is_opted_out`; versions older than this column have no opted-out customers."""
    columns = [column[0] for column in connection.execute(f"DESCRIBE FROM {_grades(version)}").fetchall()]
    return "is_opted_out" if "is_opted_out" in columns else "false"


def _grades(version: Path) -> str:
    return parquet_files([version / "customer_grades.parquet"])
