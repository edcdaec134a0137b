"""The win-back cases of each day. A day reads the days before it and writes its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from pipelines.ledger import entries

CASES = pa.schema(
    [
        ("as_of", pa.date32()),
        ("case_id", pa.string()),
        ("customer_key", pa.string()),
        ("opened_on", pa.date32()),
        ("level", pa.string()),
        ("likely_cause", pa.string()),
        ("action", pa.string()),
        ("owner_agent_id", pa.string()),
        ("due_on", pa.date32()),
        ("arm", pa.string()),
        ("status", pa.string()),
        ("closed_on", pa.date32()),
        ("outcome", pa.string()),
    ]
)
"""Grain: case × as_of, from the day it is opened to the end of its window. `customer_key`: that of the opening.
A run reads only how a case was opened; what became of it is written for whoever audits a day."""


def write_cases(ledger: Path, as_of: date, cases: pa.Table) -> Path | None:
    """Append the cases of a day as they stood at its end. Returns as `write_entry` does."""
    return entries.write_entry(ledger / "cases", as_of, cases.select(CASES.names).cast(CASES).sort_by("case_id"))
