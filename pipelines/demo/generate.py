"""Generates the demo's raw files and their truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from pipelines.demo import truth
from pipelines.demo.config import DemoConfig
from pipelines.demo.exports import crm_exports, sales_exports
from pipelines.demo.exports.add_dirt import add_dirt
from pipelines.demo.exports.write import write_table
from pipelines.demo.world.history import History, make_history, until


@dataclass(frozen=True)
class DemoSummary:
    """The size of a demo. `rows`: file name to number of rows. `defects`: number of planted defects."""

    rows: dict[str, int]
    people: int
    defects: int
    last_day: date


def generate(config: DemoConfig, raw_dir: Path, truth_dir: Path, progress: Callable[[str], None]) -> DemoSummary:
    """Write the raw files to `raw_dir` and the truth to `truth_dir`. Files of the same config are identical.

    Raw: leads.csv, interactions.csv.gz, transactions.csv, agents.csv, properties.parquet, costs.csv. Truth:
    people.parquet (latent rates), record_person.parquet, dormancy_labels.parquet (realised), campaigns.parquet and
    campaign_members.parquet (true effects), defects.parquet.
    """
    progress(f"{config.people:,} people with latent rates, {config.start} to {config.last_day}")
    history = until(make_history(config), config.days)
    progress(f"{len(history.events):,} customer-initiated events, {len(history.steps):,} steps of deals")
    raw, defects = raw_tables(history, config)
    progress(f"writing {raw_dir}")
    rows = {name: write_table(frame, raw_dir / name) for name, frame in raw.items()}
    write_truth(history, defects, config, truth_dir)
    return DemoSummary(rows, config.people, len(defects), config.last_day)


def raw_tables(history: History, config: DemoConfig) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The exports by file name, with dirt, and the planted defects. The history must end with the last day."""
    leads, interactions, transactions, defects = add_dirt(*clean_tables(history, config), config)
    raw = {
        "leads.csv": leads,
        "interactions.csv.gz": interactions,
        "transactions.csv": transactions,
        "agents.csv": sales_exports.agents(history.staff),
        "properties.parquet": sales_exports.listings(history.stock, config),
        "costs.csv": sales_exports.costs(history.records, config),
    }
    return raw, defects


def clean_tables(history: History, config: DemoConfig) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leads, interactions and transactions without dirt."""
    return (
        crm_exports.leads(history.records, history.people, history.staff, config),
        crm_exports.interactions(history, config),
        sales_exports.transactions(history, config),
    )


def write_truth(
    history: History, defects: pd.DataFrame, config: DemoConfig, folder: Path, ceiling: bool = True
) -> None:
    """Write the tables of the truth."""
    for name, frame in truth.tables(history, defects, config, ceiling).items():
        write_table(frame, folder / name)
