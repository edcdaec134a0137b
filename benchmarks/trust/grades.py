"""The grades of a day against the contribution of the following 90 days."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from pipelines.home.settings import Settings

OUTCOME_DAYS = 90
"""`outcome_days` of the rules: the outcome of a day is known this many days later."""


def grade_figures(performance: pd.DataFrame) -> dict[str, float]:
    """Return the figures of one graded day.

    `performance`: its rows of `grade_performance` (grade, share_of_customers, contribution_mean, ratio_to_mean).
    `grade_a_least`, `grade_a_most`: the share of customers in A, which has two bars. `grade_a_ratio`: their mean
    contribution ÷ that of all customers. `grades_out_of_order`: pairs of neighbours whose better grade contributed no
    more. Raises ValueError if a grade has no outcome.
    """
    known = performance.dropna(subset=["contribution_mean"]).set_index("grade")
    if sorted(known.index) != ["A", "B", "C", "D"]:
        raise ValueError(f"expected the outcomes of A, B, C and D, found {', '.join(sorted(known.index)) or 'none'}")
    means = known["contribution_mean"].astype(float).sort_index()
    share = float(known["share_of_customers"]["A"])
    return {
        "grade_a_least": share,
        "grade_a_most": share,
        "grade_a_ratio": float(known["ratio_to_mean"]["A"]),
        "grades_out_of_order": float((means.diff().dropna() >= 0).sum()),
    }


def read_performance(settings: Settings, graded_on: date) -> pd.DataFrame:
    """Return the rows of `grade_performance` of the live version for a graded day."""
    with duckdb.connect(settings.published / "current" / "tierhouse.duckdb", read_only=True) as connection:
        return connection.execute("SELECT * FROM grade_performance WHERE graded_as_of = ?", [graded_on]).df()
