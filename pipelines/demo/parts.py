"""A large world in parts. Each part is generated and written alone, so that memory does not grow with the world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.demo import truth
from pipelines.demo.chance import NULL
from pipelines.demo.config import DemoConfig
from pipelines.demo.exports.write import write_table
from pipelines.demo.generate import DemoSummary, raw_tables
from pipelines.demo.world.history import make_history, until

SEED_STEP = 10_007
IDS = (
    "lead_id",
    "referred_by",
    "interaction_id",
    "property_id",
    "transaction_id",
    "related_transaction_id",
    "agent_id",
    "person_id",
    "row_id",
)


def generate_parts(config: DemoConfig, raw_dir: Path, truth_dir: Path, progress: Callable[[str], None]) -> DemoSummary:
    """Write Parquet files `<table>-<part>.parquet` and one `costs.parquet`, and the truth in the same way.

    Ids begin with their part. Agents and listings belong to one part; each part has all campaigns.
    """
    rows: Counter[str] = Counter()
    costs, people, defect_count = [], 0, 0
    size = round(config.leads / config.parts)
    for part in range(config.parts):
        world = replace(config, leads=size, part=part, seed=config.seed + SEED_STEP * part)
        history = until(make_history(world), world.days)
        raw, defects = raw_tables(history, world)
        costs.append(raw.pop("costs.csv"))
        for name, frame in raw.items():
            path = raw_dir / _file(name, part)
            rows[path.name] = write_table(_with_part_in_ids(frame, part), path)
        for name, frame in truth.tables(history, _in_part(defects, part), world, ceiling=False).items():
            write_table(_with_part_in_ids(frame, part), truth_dir / _file(name, part))
        people, defect_count = people + world.people, defect_count + len(defects)
        progress(f"part {part + 1} of {config.parts}: {sum(rows.values()):,} rows")
    rows["costs.parquet"] = write_table(_total(costs), raw_dir / "costs.parquet")
    return DemoSummary(dict(rows), people, defect_count, config.last_day)


def _file(name: str, part: int) -> str:
    return f"{name.split('.')[0]}-{part:03d}.parquet"


def _in_part(defects: pd.DataFrame, part: int) -> pd.DataFrame:
    return defects.assign(file=[_file(name, part) for name in defects["file"]])


def _with_part_in_ids(frame: pd.DataFrame, part: int) -> pd.DataFrame:
    prefix = f"{part:03d}-"
    named = [column for column in IDS if column in frame]
    return frame.assign(
        **{
            column: np.where(frame[column].notna(), prefix + frame[column].astype(object).fillna(""), NULL)
            for column in named
        }
    )


def _total(costs: list[pd.DataFrame]) -> pd.DataFrame:
    all_parts = pd.concat(costs).assign(amount=lambda frame: frame["amount"].astype(float))
    total = all_parts.groupby(["month", "channel", "entered_at"], as_index=False, sort=False)["amount"].sum()
    return total.assign(amount=np.char.mod("%.2f", total["amount"]).astype(object))
