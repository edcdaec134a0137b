"""Rows of the mining report about the listing matches."""

from __future__ import annotations

import pandas as pd

from pipelines.mining.tables import REPORT, availability


def match_report(reason: str | None, recall: pd.DataFrame) -> pd.DataFrame:
    """Whether there are matches, and recall on held-back viewings; the gain over popularity must be above 0 with its
    whole interval."""
    rows = []
    for row in recall.itertuples():
        gain = row.metric == "recall_at_10_gain"
        rows.append(
            {"topic": "matches", "subject": "all", "metric": row.metric, "value": row.value, "low": row.low,
             "high": row.high, "bar": 0.0 if gain else None, "passed": bool(row.low > 0) if gain else None,
             "note": f"{row.rows:,} customers judged"}
        )  # fmt: skip
    if not rows:
        return availability("matches", reason)
    columns = [name for name in REPORT if name != "as_of"]
    return pd.concat(
        [availability("matches", reason).astype(object), pd.DataFrame(rows, columns=columns, dtype=object)]
    )
