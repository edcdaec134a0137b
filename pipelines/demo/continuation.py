"""The files of the preset `drifted`: exactly those of the demo, and a second delivery of the days after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd

from pipelines.demo.config import DemoConfig
from pipelines.demo.exports import sales_exports
from pipelines.demo.exports.add_dirt import add_dirt
from pipelines.demo.exports.write import write_table
from pipelines.demo.generate import DemoSummary, clean_tables, raw_tables, write_truth
from pipelines.demo.world.drift import drifted
from pipelines.demo.world.history import make_history, until

LATER = ("leads_later.csv", "interactions_later.csv.gz", "transactions_later.csv")


def generate_continued(
    config: DemoConfig, raw_dir: Path, truth_dir: Path, progress: Callable[[str], None]
) -> DemoSummary:
    """Write the demo's raw files, and files `..._later` for the days of the tail. The truth covers all days."""
    longer = replace(config, last_day=config.last_day + timedelta(days=config.tail_days), tail_days=0)
    progress(f"{config.people:,} people with latent rates, {config.start} to {longer.last_day}, drifting at the end")
    whole = make_history(config)
    raw, defects = raw_tables(until(whole, config.days), config)

    changed = until(drifted(whole, config), config.horizon)
    leads, interactions, transactions = clean_tables(changed, longer)
    after = str(config.last_day + timedelta(days=1))
    *later, later_defects = add_dirt(
        leads[leads["created_at"] >= after].reset_index(drop=True),
        interactions[interactions["occurred_at"] >= after].reset_index(drop=True),
        transactions[transactions["occurred_at"] >= after].reset_index(drop=True),
        longer,
        LATER,
    )
    raw |= dict(zip(LATER, later, strict=True))
    raw["properties_later.parquet"] = _new_versions(raw["properties.parquet"], changed.stock, longer)
    costs = sales_exports.costs(changed.records, longer)
    raw["costs_later.csv"] = costs[costs["month"] >= after].reset_index(drop=True)

    progress(f"writing {raw_dir}")
    rows = {name: write_table(frame, raw_dir / name) for name, frame in raw.items()}
    defects = pd.concat([defects, later_defects], ignore_index=True)
    write_truth(changed, defects, longer, truth_dir, ceiling=False)
    return DemoSummary(rows, len(changed.people), len(defects), longer.last_day)


def _new_versions(before: pd.DataFrame, stock: pd.DataFrame, longer: DemoConfig) -> pd.DataFrame:
    """Listings that are new or have left the market since. A delisting is known from its day on."""
    now = sales_exports.listings(stock, longer)
    left = now["listed_to"].notna() & now["property_id"].isin(before.loc[before["listed_to"].isna(), "property_id"])
    now["entered_at"] = now["entered_at"].where(~left, now["listed_to"].dt.strftime("%Y-%m-%d 00:00:00"))
    return now[left | ~now["property_id"].isin(before["property_id"])].reset_index(drop=True)
