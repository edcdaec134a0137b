"""Leak audit: columns of a labelled frame that seem to know the future.

Each of three criteria makes a column suspicious. All figures are cross-validated.

- The column ranks too well alone: its AUC is above `AUC_ALARM`, or its skill is an outlier among the columns (robust
  z), above the best legitimate column known and far above the third best. If several columns rank equally well, the
  label is easy to predict, as for frequent buyers with recency, counts and paces.
- The column is a status written afterwards: values of a text that change the odds tenfold cover a large share of the
  rows. A legitimate number can do the same: customers without any contact hardly ever buy.
- The column is filled when the label is known: its nulls alone rank the rows. A text asked before the outcome is
  missing equally in both classes. A number can be missing because there was nothing to count.

A suspected column may be legitimate, and a column without suspicion may leak.
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
"""Skill above that of all legitimate columns seen in a sales process; the best have about 0.25."""
STANDS_OUT = 0.10
"""Skill above that of the third-best column."""
FILLED_FLOOR = 0.18
"""Skill of the nulls of a text. Questions asked late reach 0.15; a rating given when the outcome is in sight 0.19."""
ODDS, DECIDED_SHARE = 10.0, 0.40
MIN_LEVEL = 30
"""Minimum rows of a value for a rate. A text with fewer rows per value on average is a key and has no skill."""
FOLDS, NUMBER_BINS, SMOOTHING = 5, 20, 20.0

AUDIT_COLUMNS = ["column", "auc", "filled_auc", "decided_share", "suspected", "why"]


@dataclass(frozen=True)
class _Alone:
    auc: float
    filled_auc: float
    decided_share: float


def audit(frame: pd.DataFrame, label: pd.Series, *, seed: int) -> pd.DataFrame:
    """Return the figures of every column, whether it is suspected, and why; suspected and strongest first.

    Raises ValueError for a label of one class.
    """
    labels = label.to_numpy(dtype="float64")
    if not 0 < labels.mean() < 1:
        raise ValueError(f"expected a label of two classes, found {label.nunique()}")
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels))
    alone = {name: _alone(column, labels, folds) for name, column in frame.items()}
    skill = np.array([column.auc - 0.5 for column in alone.values()])
    middle = float(np.median(skill))
    spread = 1.4826 * float(np.median(np.abs(skill - middle)))
    third = float(np.sort(skill)[-3]) if len(skill) >= 3 else 0.0
    limit = max(SKILL_FLOOR, middle + FAR_ABOVE * spread, third + STANDS_OUT)
    rows = []
    for name, column in alone.items():
        criteria = (
            (column.auc > AUC_ALARM, f"AUC {column.auc:.3f} alone is above {AUC_ALARM}"),
            (column.auc - 0.5 > limit, f"AUC {column.auc:.3f} alone is far above the other columns'"),
            (
                column.decided_share >= DECIDED_SHARE,
                f"moves the odds tenfold for {column.decided_share:.0%} of the rows, "
                "as a status written afterwards does",
            ),
            (
                column.filled_auc - 0.5 > FILLED_FLOOR,
                f"is filled in when the label is known: AUC {column.filled_auc:.3f}",
            ),
        )
        reasons = [reason for is_met, reason in criteria if is_met]
        figures = (column.auc, column.filled_auc, column.decided_share)
        rows.append((name, *figures, bool(reasons), "; ".join(reasons)))
    table = pd.DataFrame(rows, columns=AUDIT_COLUMNS)
    return table.sort_values(["suspected", "auc", "column"], ascending=[False, False, True], ignore_index=True)


def alarm_on_leak(model_auc: float, audited: pd.DataFrame, where: str) -> None:
    """Raise LeakSuspected, with the best columns, if a model ranks too well to be without knowledge of the future."""
    if model_auc > AUC_ALARM:
        best = audited.nlargest(3, "auc")
        columns = ", ".join(f"{name} {auc:.3f}" for name, auc in zip(best["column"], best["auc"], strict=True))
        raise LeakSuspected(
            f"expected AUC of at most {AUC_ALARM} {where}, found {model_auc:.3f}: a feature knows the future. "
            f"Best alone: {columns}"
        )


def _alone(column: pd.Series, labels: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]]) -> _Alone:
    levels = _levels(column)
    ranking, decided = np.zeros(len(labels)), np.zeros(len(labels), dtype=bool)
    for learn, judge in folds:
        base = labels[learn].mean()
        sums = np.bincount(levels[learn], labels[learn], minlength=levels.max() + 1)
        counts = np.bincount(levels[learn], minlength=levels.max() + 1)
        ranking[judge] = ((sums + SMOOTHING * base) / (counts + SMOOTHING))[levels[judge]]
        # Half a row of each class is added, so that a value of a single class has odds.
        moved = np.abs(np.log((sums + 0.5) / (counts - sums + 0.5)) - np.log(base / (1 - base)))
        decided[judge] = ((counts >= MIN_LEVEL) & (moved >= np.log(ODDS)))[levels[judge]]
    auc = _auc(labels, ranking)
    if not _is_text(column):
        return _Alone(auc, 0.5, 0.0)
    filled_auc = _auc(labels, column.notna().to_numpy(dtype="float64"))
    return _Alone(auc, max(filled_auc, 1 - filled_auc), float(decided.mean()))


def _levels(column: pd.Series) -> np.ndarray:
    """Return the level of each row: quantile bin of a number, value of a text; null is a level."""
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


def _auc(labels: np.ndarray, ranking: np.ndarray) -> float:
    return float(metrics.auc(labels, ranking, metrics.once(labels))[0])
