"""Reasons for a probability: the largest contributions to its log-odds, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from models.features.facts import AGES, base_rate, effects, phrase, similar_leads
from models.features.names import name_of
from models.features.targets import TARGETS, feature_names
from models.features.wording import day
from models.learn.scorer import BASE_RATE, Scorer
from models.learn.shrinkage import CHANNEL, DEMAND, Cells

REASONS = 3
DECIMALS = 6

Texts = tuple[np.ndarray, np.ndarray]
"""Texts row by row, in English and in Chinese."""


def reasons(scorer: Scorer, frame: pd.DataFrame, as_of: pd.Timestamp, target: str, horizon_days: int) -> pd.DataFrame:
    """Return reason_1..3, reason_1..3_zh (fact and effect) and contribution_1..3 (log-odds, 6 decimals), row by row.

    A reason is a group of correlated features. Its contribution is the sum of the group, its fact is that of the
    feature with the largest part, its effect is the change of the probability without the group, in points.
    Contributions towards the label come first, the largest first; contributions against it follow, the largest first.
    Equal contributions keep the order of the features. A group that contributes nothing is a reason only if it is the
    first. A new lead that is scored by its cell has two reasons. The base rate is the only reason of its rows.
    """
    contributions, intercept = scorer.parts(frame)
    facts, shown = _facts_of_groups(scorer, frame, contributions, as_of)
    english, chinese = facts
    new = np.nonzero(scorer.routed(frame))[0]
    if scorer.cells and len(new):
        by_cell = contributions[new].round(DECIMALS)
        shown[new], (english[new], chinese[new]) = _facts_of_cells(
            scorer, scorer.cells, frame.iloc[new], by_cell, target, horizon_days
        )
    log_odds = contributions.sum(axis=1) + intercept
    known = ~np.isnan(shown)
    if known.any():
        points = 100 * (expit(log_odds)[:, None] - expit(log_odds[:, None] - shown))[known]
        for texts, effect in zip((english, chinese), effects(points), strict=True):
            texts[known] += effect
    if scorer.kind == BASE_RATE and len(frame):
        event = TARGETS[target].event_en, TARGETS[target].event_zh
        english[:, 0], chinese[:, 0] = base_rate(
            float(expit(intercept[0])), TARGETS[target].population, event, horizon_days
        )
        shown[:, 0] = 0.0
    return pd.DataFrame(
        {f"reason_{place + 1}": english[:, place] for place in range(REASONS)}
        | {f"reason_{place + 1}_zh": chinese[:, place] for place in range(REASONS)}
        | {f"contribution_{place + 1}": shown[:, place] for place in range(REASONS)},
        index=frame.index,
    )


def _facts_of_groups(
    scorer: Scorer, frame: pd.DataFrame, contributions: np.ndarray, as_of: pd.Timestamp
) -> tuple[Texts, np.ndarray]:
    """Return the facts of the groups with the largest contributions, and these contributions; row × place."""
    sums, leading = scorer.by_group(contributions)
    rounded = sums.round(DECIMALS)
    order = np.lexsort((-np.abs(rounded), rounded <= 0), axis=-1)[:, :REASONS]
    largest = np.take_along_axis(rounded, order, axis=1)
    features = np.take_along_axis(leading, order, axis=1)
    # If nothing contributes, the first fact is shown all the same.
    is_shown = (largest != 0) | (np.arange(order.shape[1]) == 0)
    shape = len(frame), REASONS
    english, chinese = (np.full(shape, None, dtype=object) for _ in range(2))
    for number, name in enumerate(feature_names(scorer.features)):
        chosen = np.zeros(shape, dtype=bool)
        chosen[:, : order.shape[1]] = (features == number) & is_shown
        if chosen.any():
            english[chosen], chinese[chosen] = _phrases(name, frame.iloc[np.nonzero(chosen)[0]], as_of)
    shown = np.full(shape, np.nan)
    shown[:, : order.shape[1]] = np.where(is_shown, largest, np.nan)
    return (english, chinese), shown


def _phrases(name: str, rows: pd.DataFrame, as_of: pd.Timestamp) -> Texts:
    """Return the facts of one feature. Each distinct value (and day) is worded once."""
    values = pd.DataFrame({"value": rows[name].to_numpy()})
    values["age"] = rows[AGES[name]].to_numpy() if AGES.get(name) in rows else np.nan
    codes, first = _distinct(values)
    facts = [
        phrase(name, value, None if pd.isna(age) else day(as_of - pd.Timedelta(days=int(age)), as_of))
        for value, age in values.iloc[first].itertuples(index=False)
    ]
    english, chinese = (np.array(texts, dtype=object)[codes] for texts in zip(*facts, strict=True))
    return english, chinese


def _distinct(values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Number of each row's distinct combination, and the first row of each combination."""
    codes = values.groupby(list(values), dropna=False, sort=False).ngroup().to_numpy()
    return codes, np.unique(codes, return_index=True)[1]


def _facts_of_cells(
    scorer: Scorer, cells: Cells, rows: pd.DataFrame, contributions: np.ndarray, target: str, horizon_days: int
) -> tuple[np.ndarray, Texts]:
    """Return contributions and facts of new leads; row × place, the third place is empty.

    The facts are the shares of the channel and of the cell (channel × demand) with the label. An empty cell is
    replaced by its channel, an empty channel by all new leads.
    """
    names = feature_names(scorer.features)
    both = contributions[:, [names.index(CHANNEL), names.index(DEMAND)]]
    order = np.lexsort((-np.abs(both), both <= 0), axis=-1)
    event = TARGETS[target].event_en, TARGETS[target].event_zh
    steps = cells.steps(rows).reset_index(drop=True)
    codes, first = _distinct(steps)
    facts = []
    everyone = (*cells.everyone, ("all", "全部"))
    for step in steps.iloc[first].to_dict("records"):
        of_channel, of_demand = name_of(CHANNEL, step["channel"]), name_of(DEMAND, step["demand"])
        of_cell = f"{of_channel[0]}, {of_demand[0]}", f"{of_channel[1]}、{of_demand[1]}"
        channel = (step["channel_x"], step["channel_n"], of_channel) if step["channel_n"] else everyone
        cell = (step["cell_x"], step["cell_n"], of_cell) if step["cell_n"] else channel
        facts.append([similar_leads(int(x), int(n), group, event, horizon_days) for x, n, group in (channel, cell)])
    texts = np.array(facts, dtype=object)[codes]
    shown = np.full((len(rows), REASONS), np.nan)
    shown[:, :2] = np.take_along_axis(both, order, axis=1)
    english, chinese = (np.full((len(rows), REASONS), None, dtype=object) for _ in range(2))
    for language, place in ((0, english), (1, chinese)):
        place[:, :2] = np.take_along_axis(texts[:, :, language], order, axis=1)
    return shown, (english, chinese)
