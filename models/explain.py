"""Why a score is what it is: the strongest signed contributions to its log-odds, told as facts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.facts import AGES, phrase, such_leads
from models.scorer import Scorer
from models.shrinkage import CHANNEL, DEMAND
from models.targets import TARGETS, feature_names

REASONS = 3
DECIMALS = 6

Texts = tuple[np.ndarray, np.ndarray]


def reasons(scorer: Scorer, frame: pd.DataFrame, as_of: pd.Timestamp, target: str, horizon_days: int) -> pd.DataFrame:
    """reason_1..3 and reason_1..3_zh (facts), contribution_1..3 (log-odds, 6 decimals), row by row.

    Contributions towards the label come first, the largest first; if there are fewer than three, those against it
    follow, the largest first. Equal ones keep the order of the features. A new lead scored by its cell has no third.
    """
    contributions, _ = scorer.parts(frame)
    rounded = contributions.round(DECIMALS)
    order = np.lexsort((-np.abs(rounded), rounded <= 0), axis=-1)[:, :REASONS]
    strongest = np.take_along_axis(rounded, order, axis=1)
    english, chinese = (np.empty(order.shape, dtype=object) for _ in range(2))
    for number, name in enumerate(feature_names(scorer.features)):
        chosen = order == number
        if chosen.any():
            english[chosen], chinese[chosen] = _told(name, frame.iloc[np.nonzero(chosen)[0]], as_of)
    new = np.nonzero(scorer.routed(frame))[0]
    if len(new):
        strongest[new], english[new], chinese[new] = _by_cell(
            scorer, frame.iloc[new], rounded[new], target, horizon_days
        )
    return pd.DataFrame(
        {f"reason_{place + 1}": english[:, place] for place in range(REASONS)}
        | {f"reason_{place + 1}_zh": chinese[:, place] for place in range(REASONS)}
        | {f"contribution_{place + 1}": strongest[:, place] for place in range(REASONS)},
        index=frame.index,
    )


def _told(name: str, rows: pd.DataFrame, as_of: pd.Timestamp) -> Texts:
    """Facts of one feature; each distinct value (and day) is worded once."""
    values = pd.DataFrame({"value": rows[name].to_numpy()})
    values["age"] = rows[AGES[name]].to_numpy() if AGES.get(name) in rows else np.nan
    codes, first = _distinct(values)
    facts = [
        phrase(name, value, None if pd.isna(age) else (as_of - pd.Timedelta(days=int(age))).date())
        for value, age in values.iloc[first].itertuples(index=False)
    ]
    return tuple(np.array(texts, dtype=object)[codes] for texts in zip(*facts, strict=True))


def _distinct(values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Number of each row's distinct combination, and the first row of each."""
    codes = values.groupby(list(values), dropna=False, sort=False).ngroup().to_numpy()
    return codes, np.unique(codes, return_index=True)[1]


def _by_cell(
    scorer: Scorer, rows: pd.DataFrame, rounded: np.ndarray, target: str, horizon_days: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contributions and texts of new leads: how many of the channel's, and of the cell's, did it; the third is null."""
    names = feature_names(scorer.features)
    both = rounded[:, [names.index(CHANNEL), names.index(DEMAND)]]
    order = np.lexsort((-np.abs(both), both <= 0), axis=-1)
    event = TARGETS[target].event_en, TARGETS[target].event_zh
    steps = scorer.cells.steps(rows).reset_index(drop=True)
    codes, first = _distinct(steps)
    told = []
    for step in steps.iloc[first].itertuples():
        # Who came by a channel never seen, or wants what nobody there wanted, is told of the larger group.
        everyone = (*scorer.cells.everyone, "all")
        channel = (step.channel_x, step.channel_n, step.channel) if step.channel_n else everyone
        cell = (step.cell_x, step.cell_n, f"{step.channel}, {step.demand}") if step.cell_n else channel
        told.append([such_leads(int(x), int(n), group, event, horizon_days) for x, n, group in (channel, cell)])
    texts = np.array(told, dtype=object)[codes]
    strongest = np.full((len(rows), REASONS), np.nan)
    strongest[:, :2] = np.take_along_axis(both, order, axis=1)
    english, chinese = (np.full((len(rows), REASONS), None, dtype=object) for _ in range(2))
    for language, place in ((0, english), (1, chinese)):
        place[:, :2] = np.take_along_axis(texts[:, :, language], order, axis=1)
    return strongest, english, chinese
