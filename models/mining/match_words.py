"""Why a listing is recommended, English and Chinese: its fitting parts, the heaviest first."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from models.mining.matches import FACTORS

FITS_FROM = 0.5
MOST_REASONS = 3


def with_reasons(
    matches: pd.DataFrame, weights: Mapping[str, float], labels: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """The matches with why_en and why_zh in place of the factors; `labels` words each factor (English, Chinese).

    At most MOST_REASONS parts that fit at least half, by what they add to the score; the best part where none does.
    """
    order = sorted(FACTORS, key=lambda name: (-weights[name], name))
    fits = matches[order].ge(FITS_FROM) & (pd.Series(weights)[order] > 0)
    # There are far fewer patterns of fitting parts than matches.
    pattern = fits.dot(pd.Series([2**number for number in range(len(order))], index=order)).astype("int64")
    words = {code: _words(code, order, labels) for code in pattern.unique()}
    partly = pattern.eq(0)
    why_en, why_zh = (pattern.map(lambda code, at=at: words[code][at]).astype(object) for at in (0, 1))
    if partly.any():
        added = matches.loc[partly, order].mul(pd.Series(weights)[order])
        best = added.idxmax(axis="columns")
        why_en[partly] = best.map(lambda name: f"{labels[name][0]} (nearly)")
        why_zh[partly] = best.map(lambda name: f"{labels[name][1]}（接近）")
    return matches.drop(columns=list(FACTORS)).assign(why_en=why_en, why_zh=why_zh)


def _words(code: int, order: list[str], labels: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    fitting = [name for number, name in enumerate(order) if code >> number & 1][:MOST_REASONS]
    return "; ".join(labels[name][0] for name in fitting), "；".join(labels[name][1] for name in fitting)
