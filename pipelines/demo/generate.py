"""The demo's raw files and, apart from them, their truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.demo import exports, sales_exports, truth
from pipelines.demo.config import DemoConfig
from pipelines.demo.dirt import soil
from pipelines.demo.history import make_history, until
from pipelines.demo.write import write_table


@dataclass(frozen=True)
class DemoSummary:
    """`rows`: raw file name -> rows below the header. `defects`: planted ones. `last_day`: the day to grade."""

    rows: dict[str, int]
    people: int
    defects: int
    last_day: date


def generate(config: DemoConfig, raw_dir: Path, truth_dir: Path, progress: Callable[[str], None]) -> DemoSummary:
    """Write the raw files to `raw_dir` and the truth to `truth_dir`; the same config gives the same bytes.

    Raw: leads.csv, interactions.csv.gz, transactions.csv, agents.csv, properties.parquet, costs.csv. Truth:
    people.parquet (latent rates), record_person.parquet, dormancy_labels.parquet (realised), campaigns.parquet and
    campaign_members.parquet (true effects), defects.parquet.
    """
    progress(f"{config.people:,} people with latent rates, {config.start} to {config.last_day}")
    history = until(make_history(config), config.days)

    progress(f"{len(history.events):,} customer-initiated events, {len(history.steps):,} steps of deals")
    leads, interactions, transactions, defects = soil(
        exports.leads(history.records, history.people, history.staff, config),
        exports.interactions(history, config),
        sales_exports.transactions(history, config),
        config,
    )
    raw = {
        "leads.csv": leads,
        "interactions.csv.gz": interactions,
        "transactions.csv": transactions,
        "agents.csv": sales_exports.agents(history.staff),
        "properties.parquet": sales_exports.listings(history.stock, config),
        "costs.csv": sales_exports.costs(history.records, config),
    }

    progress(f"writing {raw_dir}")
    rows = {name: write_table(frame, raw_dir / name) for name, frame in raw.items()}
    for name, frame in truth.tables(history, defects, config).items():
        write_table(frame, truth_dir / name)
    return DemoSummary(rows, len(history.people), len(defects), config.last_day)
