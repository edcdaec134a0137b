"""The centres of the personas of each day, so that a later day can keep them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ledger.entries import entries_before, write_entry

BOOK = "personas"
SCHEMA = pa.schema(
    [
        ("persona_id", pa.int32()),
        ("feature", pa.string()),
        ("centre", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("mean", pa.float64()),
        ("sd", pa.float64()),
        ("fitted_on", pa.date32()),
        ("highest_id", pa.int32()),
        ("label_en", pa.string()),
        ("label_zh", pa.string()),
        ("evidence", pa.string()),
    ]
)
"""Grain: persona × feature, as of the day."""


def latest_centres(ledger: Path, as_of: date) -> pd.DataFrame | None:
    """Return the centres of the latest day before `as_of` in the columns of SCHEMA, or None if there is none."""
    entries = entries_before(ledger / BOOK, as_of)
    return pq.read_table(entries[-1], partitioning=None).to_pandas() if entries else None


def write_centres(ledger: Path, as_of: date, centres: pa.Table) -> Path | None:
    """Append the centres of a day. Returns as `write_entry` does."""
    return write_entry(ledger / BOOK, as_of, centres.select(SCHEMA.names).cast(SCHEMA)) if len(centres) else None
