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
        texts = _told_by_cell(scorer, frame.iloc[new], target, horizon_days)
        for place in range(REASONS):
            feature = order[new, place]
            english[new, place], chinese[new, place] = (
                np.array([one.get(number) for one, number in zip(told, feature, strict=True)], dtype=object)
                for told in texts
            )
        strongest[new] = np.where(english[new] == None, np.nan, strongest[new])  # noqa: E711 (element by element)
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


def _told_by_cell(scorer: Scorer, rows: pd.DataFrame, target: str, horizon_days: int) -> tuple[list, list]:
    """Per row, feature number → text: how many of the channel's, and of the cell's, new leads did it."""
    names = feature_names(scorer.features)
    channel, demand = names.index(CHANNEL), names.index(DEMAND)
    event = TARGETS[target].event_en, TARGETS[target].event_zh
    steps = scorer.cells.steps(rows).reset_index(drop=True)
    codes, first = _distinct(steps)
    told = []
    for step in steps.iloc[first].itertuples():
        of_channel = such_leads(int(step.channel_x), int(step.channel_n), step.channel, event, horizon_days)
        of_cell = such_leads(
            int(step.cell_x), int(step.cell_n), f"{step.channel}, {step.demand}", event, horizon_days
        )  # fmt: skip
        told.append([{channel: of_channel[language], demand: of_cell[language]} for language in (0, 1)])
    return tuple([told[code][language] for code in codes] for language in (0, 1))
