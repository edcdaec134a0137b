"""A home with one or more sources, for tests of the way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.batches import Batch, FileReport
from pipelines.ingest.stage import SourceReport, stage_sources

NOW = datetime(2026, 1, 15, 3, tzinfo=UTC)

SALES = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
currency: CNY
files:
  - path: "*.csv"
    entities:
      transactions:
        rules: {price_is_plausible: "TRY_CAST(price AS DOUBLE) < 1000000"}
        transaction_id: id
        lead_id: customer
        occurred_at: day
        kind: {value: sale}
        amount: price
"""

UNKEYED = SALES.replace("        transaction_id: id\n", "")


@dataclass
class IngestHome:
    """A temporary home: write mappings and raw files, then load."""

    settings: Settings

    @classmethod
    def at(cls, folder: Path, **options: object) -> IngestHome:
        return cls(Settings(home=folder, **options))

    def mapping(self, text: str = SALES, name: str = "shop") -> None:
        path = self.settings.sources_dir / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        (self.settings.home / "raw" / name).mkdir(parents=True, exist_ok=True)

    def raw(self, content: str | bytes, file: str = "sales.csv", source: str = "shop") -> Path:
        path = self.settings.home / "raw" / source / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def stage(self, at: datetime = NOW) -> list[SourceReport]:
        return stage_sources(self.settings, at)

    def load(self, at: datetime = NOW) -> list[SourceReport]:
        """Stage and commit."""
        reports = self.stage(at)
        landing.commit(self.settings, [report.batch for report in reports if report.batch])
        return reports

    def query(self, sql: str) -> list[tuple]:
        """SQL over the schema `landing`, as dbt sees it."""
        with duckdb.connect() as connection:
            landing.register(connection, self.settings)
            return connection.execute(sql).fetchall()

    def quarantine(self) -> list[tuple]:
        """line, entity, rule, field, message and text of all quarantined rows, in the order of lines."""
        files = str(self.settings.quarantine / "*.parquet")
        with duckdb.connect() as connection:
            return connection.execute(
                "SELECT line, entity, rule, field, message, text FROM read_parquet(?) ORDER BY file, line, entity",
                [files],
            ).fetchall()


def counts(report: SourceReport | Batch) -> tuple[int, int, int, int]:
    """Lines, accepted, quarantined and known over all files and entities."""
    rows: list[FileReport] = list(report.files if isinstance(report, SourceReport) else report.reports)
    return tuple(sum(getattr(row, name) for row in rows) for name in ("lines", "accepted", "quarantined", "known"))
