"""How the grades of a day stood the test of the 90 days after it."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from pipelines.home.settings import Settings

OUTCOME_DAYS = 90
"""`outcome_days` of the rules: graded this long before the last day, a day's outcome is just known."""


def grade_figures(performance: pd.DataFrame) -> dict[str, float]:
    """Figures of one graded day from its rows of `grade_performance`: grade, share_of_customers, contribution_mean,
    ratio_to_mean.

    `grade_a_least` and `grade_a_most`: the share of customers in A, which has two bars. `grade_a_ratio`: their mean
    contribution ÷ that of all. `grades_out_of_order`: neighbours of which the better grade brought no more. Raises
    ValueError unless all four grades are there with their outcomes.
    """
    told = performance.dropna(subset=["contribution_mean"]).set_index("grade")
    if sorted(told.index) != ["A", "B", "C", "D"]:
        raise ValueError(f"expected the outcomes of A, B, C and D, found {', '.join(sorted(told.index)) or 'none'}")
    means = told["contribution_mean"].astype(float).sort_index()
    share = float(told.at["A", "share_of_customers"])
    return {
        "grade_a_least": share,
        "grade_a_most": share,
        "grade_a_ratio": float(told.at["A", "ratio_to_mean"]),
        "grades_out_of_order": float((means.diff().dropna() >= 0).sum()),
    }


def read_performance(settings: Settings, graded_on: date) -> pd.DataFrame:
    """What the live version says of the grades of a day."""
    with duckdb.connect(settings.published / "current" / "tierhouse.duckdb", read_only=True) as connection:
        return connection.execute("SELECT * FROM grade_performance WHERE graded_as_of = ?", [graded_on]).df()
