"""The win-back cases of each day. A run reads earlier days and writes its own day."""

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
"""Grain: case × as_of, from the opening of the case to the end of its window. `customer_key`: the key at the opening.
A run reads only the opening of a case. The other columns are for audits."""


def write_cases(ledger: Path, as_of: date, cases: pa.Table) -> Path | None:
    """Append the cases of a day, as of its end. Returns as `write_entry` does."""
    return entries.write_entry(ledger / "cases", as_of, cases.select(CASES.names).cast(CASES).sort_by("case_id"))
