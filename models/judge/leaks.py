"""Columns that know the future, found on any labelled frame before a model is fitted.

A column is suspected on one of three grounds, each measured on rows that its own rates were not counted on:

- too good alone: its cross-validated AUC is above `AUC_ALARM`, or its skill is an outlier among the columns (robust z),
  above what an honest column has been seen to reach and far above the third best. Where several columns are as good,
  the label is easy to foresee: recency, counts and paces of frequent buyers all are;
- a status written afterwards: levels of a text that move the odds tenfold hold a large share of the rows. A number may
  do so honestly: who was not in touch at all hardly ever buys;
- known when the label is: whether a text is filled in at all ranks the rows. What was asked before the outcome is
  missing alike in both classes; a number may be missing because there was nothing to count.

What is suspected must be looked into, and may be honest; what is not suspected may leak all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from models.errors import LeakSuspected
from models.judge import metrics

AUC_ALARM = 0.95
FAR_ABOVE = 3.0
"""Robust standard deviations (1.4826 × MAD) above the median skill (AUC − 0.5) of all columns."""
SKILL_FLOOR = 0.30
"""The skill that no honest column of a sales process was seen to reach alone; the best have about 0.25."""
STANDS_OUT = 0.10
"""Skill above that of the third-best column."""
FILLED_FLOOR = 0.18
"""Of a text. Questions that are asked late reach 0.15; a rating that is given with the outcome in sight 0.19."""
ODDS, DECIDED_SHARE = 10.0, 0.40
MIN_LEVEL = 30
"""Rows that a level needs to tell a rate; a text with fewer per level on average is a key and has no skill."""
FOLDS, NUMBER_BINS, SMOOTHING = 5, 20, 20.0

AUDIT_COLUMNS = ["column", "auc", "filled_auc", "decided_share", "suspected", "why"]


@dataclass(frozen=True)
class _Alone:
    auc: float
    filled_auc: float
    decided_share: float


def audit(frame: pd.DataFrame, label: pd.Series, *, seed: int) -> pd.DataFrame:
    """Every column of `frame` with its figures, whether it is suspected and why; the strongest first.

    Raises ValueError for a label of one class.
    """
    labels = label.to_numpy(dtype="float64")
    if not 0 < labels.mean() < 1:
        raise ValueError(f"expected a label of two classes, found {label.nunique()}")
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels))
    alone = {name: _alone(column, labels, folds) for name, column in frame.items()}
    skill = np.array([one.auc - 0.5 for one in alone.values()])
    middle = float(np.median(skill))
    spread = 1.4826 * float(np.median(np.abs(skill - middle)))
    third = float(np.sort(skill)[-3]) if len(skill) >= 3 else 0.0
    limit = max(SKILL_FLOOR, middle + FAR_ABOVE * spread, third + STANDS_OUT)
    rows = []
    for name, one in alone.items():
        grounds = [
            words for words, holds in (
                (f"AUC {one.auc:.3f} alone is above {AUC_ALARM}", one.auc > AUC_ALARM),
                (f"AUC {one.auc:.3f} alone is far above the other columns'", one.auc - 0.5 > limit),
                (f"moves the odds tenfold for {one.decided_share:.0%} of the rows, as a status written afterwards does",
                 one.decided_share >= DECIDED_SHARE),
                (f"is filled in when the label is known: AUC {one.filled_auc:.3f}",
                 one.filled_auc - 0.5 > FILLED_FLOOR),
            ) if holds
        ]  # fmt: skip
        rows.append((name, one.auc, one.filled_auc, one.decided_share, bool(grounds), "; ".join(grounds)))
    table = pd.DataFrame(rows, columns=AUDIT_COLUMNS)
    return table.sort_values(["suspected", "auc", "column"], ascending=[False, False, True], ignore_index=True)


def alarm_on_leak(model_auc: float, audited: pd.DataFrame, where: str) -> None:
    """Raises LeakSuspected if a model ranks better than any honest one could, with the columns that do best alone."""
    if model_auc > AUC_ALARM:
        best = audited.nlargest(3, "auc")
        told = ", ".join(f"{name} {one:.3f}" for name, one in zip(best["column"], best["auc"], strict=True))
        raise LeakSuspected(
            f"expected AUC of at most {AUC_ALARM} {where}, found {model_auc:.3f}: a feature knows the future. "
            f"Best alone: {told}"
        )


def _alone(column: pd.Series, labels: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]]) -> _Alone:
    levels = _levels(column)
    score, decided = np.zeros(len(labels)), np.zeros(len(labels), dtype=bool)
    for learn, judge in folds:
        base = labels[learn].mean()
        sums = np.bincount(levels[learn], labels[learn], minlength=levels.max() + 1)
        counts = np.bincount(levels[learn], minlength=levels.max() + 1)
        score[judge] = ((sums + SMOOTHING * base) / (counts + SMOOTHING))[levels[judge]]
        # Half a row of each class is added, so that a level of one class has odds.
        moved = np.abs(np.log((sums + 0.5) / (counts - sums + 0.5)) - np.log(base / (1 - base)))
        decided[judge] = ((counts >= MIN_LEVEL) & (moved >= np.log(ODDS)))[levels[judge]]
    auc = _auc(labels, score)
    if not _is_text(column):
        return _Alone(auc, 0.5, 0.0)
    filled_auc = _auc(labels, column.notna().to_numpy(dtype="float64"))
    return _Alone(auc, max(filled_auc, 1 - filled_auc), float(decided.mean()))


def _levels(column: pd.Series) -> np.ndarray:
    """Level of each row: quantile bins of a number, values of a text, null as a level of its own."""
    if _is_text(column):
        text = column.astype(object).map(str, na_action="ignore")
        if text.nunique() * MIN_LEVEL > text.notna().sum():
            text = text.where(text.isna(), "")
        return pd.factorize(text, use_na_sentinel=False, sort=True)[0]
    numbers = column.astype("float64")
    edges = np.unique(numbers.dropna().quantile(np.arange(1, NUMBER_BINS) / NUMBER_BINS))
    return np.where(numbers.isna(), len(edges) + 1, np.searchsorted(edges, numbers.fillna(0), side="left"))


def _is_text(column: pd.Series) -> bool:
    return pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype)


def _auc(labels: np.ndarray, score: np.ndarray) -> float:
    return float(metrics.auc(labels, score, metrics.once(labels))[0])
