"""Rows of the mining report about the listing matches."""

from __future__ import annotations

import pandas as pd

from pipelines.mining.tables import REPORT, availability


def match_report(reason: str | None, recall: pd.DataFrame) -> pd.DataFrame:
    """Return whether there are matches, and the recall on held-back viewings.

    The gain over popularity passes if its whole interval is above 0.
    """
    rows = []
    for row in recall.to_dict("records"):
        is_gain = row["metric"] == "recall_at_10_gain"
        rows.append(
            {
                "topic": "matches",
                "subject": "all",
                "metric": row["metric"],
                "value": row["value"],
                "low": row["low"],
                "high": row["high"],
                "bar": 0.0 if is_gain else None,
                "passed": row["low"] > 0 if is_gain else None,
                "note": f"{row['rows']:,} customers judged",
            }
        )
    if not rows:
        return availability("matches", reason)
    columns = [name for name in REPORT if name != "as_of"]
    return pd.concat(
        [availability("matches", reason).astype(object), pd.DataFrame(rows, columns=columns, dtype=object)]
    )
