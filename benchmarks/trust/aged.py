"""Whether the probabilities of a model keep their level while the home grows older."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from models import SEED
from models.features.frames import feature_frame, sorted_by_key
from models.features.targets import GRADING, TARGETS
from models.learn.candidates import LOGISTIC
from models.learn.procedure import Rolled, make_scorer, prepare
from models.learn.snapshots import WHERE

POOLED_MONTHS = 3
"""Number of last judged month-ends: a single month-end varies by 5 %."""
YEAR = pd.Timedelta(days=365)


def aged_figures(snapshots: pd.DataFrame, first_contact: date, say: Callable[[str], None]) -> dict[str, float]:
    """Return `aged_least` and `aged_most` of mean predicted ÷ realised on the last labelled month-ends.

    Two logistics were trained earlier: one a year before these month-ends, one when the history of contacts (from
    `first_contact` on) was half as long.
    """
    rows = sorted_by_key(snapshots[snapshots["label"].notna()], WHERE).astype({"label": bool})
    latest = rows["as_of"].max()
    first = pd.Timestamp(first_contact)
    levels = {
        "a year older": _level(rows, latest - YEAR),
        "twice as old": _level(rows, first + (latest - first) / 2),
    }
    say(f"predicted ÷ realised of a home {', '.join(f'{name}: {value:.3f}' for name, value in levels.items())}")
    return {"aged_least": min(levels.values()), "aged_most": max(levels.values())}


def _level(rows: pd.DataFrame, trained_through: pd.Timestamp) -> float:
    """Return NaN if no row was labelled by then."""
    target, horizon_days = TARGETS[GRADING[0]], GRADING[1]
    known = rows[rows["as_of"] + pd.Timedelta(days=horizon_days) <= trained_through].reset_index(drop=True)
    if not 0 < known["label"].sum() < len(known):
        return np.nan
    nothing_rolled = Rolled(np.array([], dtype=bool), pd.Series(dtype=object), (), {LOGISTIC: np.array([])})
    past = prepare(target, known, horizon_days=horizon_days, seed=SEED)
    scorer, _ = make_scorer(past, LOGISTIC, nothing_rolled)
    later = rows[rows["as_of"].isin(sorted(rows["as_of"].unique())[-POOLED_MONTHS:])]
    return float(scorer.probability(feature_frame(later, target.features, WHERE)).mean() / later["label"].mean())
