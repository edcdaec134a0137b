"""Why a score is what it is: the strongest signed contributions to its log-odds, told as facts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from models.features.facts import AGES, base_rate, effects, phrase, such_leads
from models.features.targets import TARGETS, feature_names
from models.learn.scorer import BASE_RATE, Scorer
from models.learn.shrinkage import CHANNEL, DEMAND

REASONS = 3
DECIMALS = 6

Texts = tuple[np.ndarray, np.ndarray]


def reasons(scorer: Scorer, frame: pd.DataFrame, as_of: pd.Timestamp, target: str, horizon_days: int) -> pd.DataFrame:
    """reason_1..3 and reason_1..3_zh (fact and effect), contribution_1..3 (log-odds, 6 decimals), row by row.

    A reason is a group of correlated features: its contribution is their sum, its fact the most telling of them, its
    effect the points of probability that are gone without it. Contributions towards the label come first, the largest
    first; if there are fewer than three, those against it follow, the largest first. Equal ones keep the order of the
    features; what contributes nothing is no further reason. A new lead scored by its cell has no third, a customer
    scored by the base rate has that rate alone.
    """
    contributions, intercept = scorer.parts(frame)
    sums, telling = scorer.by_group(contributions)
    rounded = sums.round(DECIMALS)
    order = np.lexsort((-np.abs(rounded), rounded <= 0), axis=-1)[:, :REASONS]
    strongest = np.take_along_axis(rounded, order, axis=1)
    told = np.take_along_axis(telling, order, axis=1)
    # Of a customer for whom nothing counts, the first fact is told all the same.
    worth = (strongest != 0) | (np.arange(order.shape[1]) == 0)
    shape = len(frame), REASONS
    english, chinese = (np.full(shape, None, dtype=object) for _ in range(2))
    for number, name in enumerate(feature_names(scorer.features)):
        chosen = np.zeros(shape, dtype=bool)
        chosen[:, : order.shape[1]] = (told == number) & worth
        if chosen.any():
            english[chosen], chinese[chosen] = _told(name, frame.iloc[np.nonzero(chosen)[0]], as_of)
    found = np.full(shape, np.nan)
    found[:, : order.shape[1]] = np.where(worth, strongest, np.nan)
    new = np.nonzero(scorer.routed(frame))[0]
    if len(new):
        found[new], english[new], chinese[new] = _by_cell(
            scorer, frame.iloc[new], contributions[new].round(DECIMALS), target, horizon_days
        )
    total = contributions.sum(axis=1) + intercept
    known = ~np.isnan(found)
    if known.any():
        points = 100 * (expit(total)[:, None] - expit(total[:, None] - found))[known]
        for place, effect in zip((english, chinese), effects(points), strict=True):
            place[known] += effect
    if scorer.kind == BASE_RATE and len(frame):
        event = TARGETS[target].event_en, TARGETS[target].event_zh
        english[:, 0], chinese[:, 0] = base_rate(
            float(expit(intercept[0])), TARGETS[target].population, event, horizon_days
        )
        found[:, 0] = 0.0
    return pd.DataFrame(
        {f"reason_{place + 1}": english[:, place] for place in range(REASONS)}
        | {f"reason_{place + 1}_zh": chinese[:, place] for place in range(REASONS)}
        | {f"contribution_{place + 1}": found[:, place] for place in range(REASONS)},
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
