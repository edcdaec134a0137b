"""Numbers of the models and of their probabilities, for the plots of Dagster."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from models.judge.evaluate import EVERYONE
from models.learn.scorer import RECENCY_RULE
from models.learn.trained import TrainedModel


def auc_figures(model: TrainedModel) -> dict[str, float]:
    """Return the AUC on later month-ends of the model and of the recency rule, its simplest baseline.

    The label begins with the question. A value that could not be measured is left out.
    """
    report = model.report[(model.report["segment"] == EVERYONE) & (model.report["metric"] == "auc")]
    values = report.set_index("model")["value"].dropna()
    labels = {model.card["choice"]["chosen"]: "AUC", RECENCY_RULE: "AUC of the recency rule"}
    question = f"{model.target}, {model.horizon_days} days"
    return {f"{question}: {label}": float(values[name]) for name, label in labels.items() if name in values}


def score_figures(connection: duckdb.DuckDBPyConnection, drift: pd.DataFrame) -> Mapping[str, Mapping[str, float]]:
    """Return day → label → number for each question: customers, mean probability and the largest drift (PSI)."""
    keys = ["as_of", "target", "horizon_days"]
    numbers = connection.execute(
        f'SELECT {", ".join(keys)}, count(*) AS customers, avg(probability) AS "mean probability" '
        "FROM scoring.scores GROUP BY ALL ORDER BY ALL"
    ).df()
    numbers = numbers.set_index(keys).join(drift.groupby(keys)["psi"].max().rename("largest drift (PSI)"))
    figures: dict[str, dict[str, float]] = {}
    for row in numbers.reset_index().to_dict("records"):
        question = f"{row['target']}, {row['horizon_days']} days"
        named = {f"{question}: {name}": float(row[name]) for name in numbers.columns if pd.notna(row[name])}
        figures.setdefault(str(row["as_of"].date()), {}).update(named)
    return figures
