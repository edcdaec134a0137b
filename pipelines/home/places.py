"""The files and folders of a home."""

from __future__ import annotations

from pathlib import Path

WAREHOUSE = "warehouse.duckdb"


class Places:
    """Paths below the home, as properties of the settings."""

    home: Path
    sources: Path | None

    @property
    def sources_dir(self) -> Path:
        return self.sources or self.home / "sources"

    @property
    def mapping_files(self) -> list[Path]:
        """The mapping files of the home, `*.yml` and `*.yaml`, ordered by name."""
        return sorted([*self.sources_dir.glob("*.yml"), *self.sources_dir.glob("*.yaml")])

    @property
    def connections_dir(self) -> Path:
        return self.home / "connections"

    @property
    def connection_files(self) -> list[Path]:
        """The connection files of the home, `*.yml`, ordered by name."""
        return sorted(self.connections_dir.glob("*.yml"))

    @property
    def pulled(self) -> Path:
        return self.home / "pulled"

    @property
    def published_keys(self) -> Path:
        """Keys of `customer_id` that `tierhouse rotate-key` has made, one per line, the present one last."""
        return self.home / "published.keys"

    @property
    def retention(self) -> Path:
        return self.home / "retention.csv"

    @property
    def identity_overrides(self) -> Path:
        return self.home / "identity_overrides.csv"

    @property
    def fx_rates(self) -> Path:
        return self.home / "fx_rates.csv"

    @property
    def first_day_file(self) -> Path:
        return self.home / "first_day.txt"

    @property
    def drop(self) -> Path:
        return self.home / "drop"

    @property
    def dropped(self) -> Path:
        return self.home / "dropped"

    @property
    def staged(self) -> Path:
        return self.home / "staged"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def erasing(self) -> Path:
        """New files of an erasure that is under way, and its plan."""
        return self.home / "erasing"

    @property
    def audit(self) -> Path:
        return self.home / "audit"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def mended(self) -> Path:
        return self.home / "mended"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger"

    @property
    def warehouse(self) -> Path:
        return self.home / WAREHOUSE

    @property
    def training_warehouse(self) -> Path:
        return self.home / "training" / WAREHOUSE

    @property
    def restricted(self) -> Path:
        return self.home / "restricted.duckdb"

    @property
    def restricted_keys(self) -> Path:
        return self.home / "restricted_keys.parquet"

    @property
    def model_store(self) -> Path:
        return self.home / "model_store"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def crm_export(self) -> Path:
        return self.home / "crm_export"

    @property
    def alerts(self) -> Path:
        return self.home / "alerts"

    @property
    def data_docs(self) -> Path:
        return self.home / "data_docs"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def spark(self) -> Path:
        """Files of the Spark engine: scratch, as the warehouse is."""
        return self.home / "spark"

    @property
    def spark_tables(self) -> Path:
        return self.spark / "warehouse"

    @property
    def spark_identity(self) -> Path:
        """Tables of one resolution of identity on Spark."""
        return self.spark / "identity"

    @property
    def spark_scored(self) -> Path:
        """Probabilities of one question and day, as Spark has written them."""
        return self.spark / "scored"
