"""Reasons of a match, in English and Chinese: the factors that fit, largest weight first."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from models.mining.matches import FACTORS

FITS_FROM = 0.5
MOST_REASONS = 3


def with_reasons(
    matches: pd.DataFrame, weights: Mapping[str, float], labels: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Replace the factors of the matches by why_en and why_zh. `labels`: factor → English, Chinese.

    At most MOST_REASONS factors with a fit of FITS_FROM or more. If there are none, the factor that adds most.
    """
    order = sorted(FACTORS, key=lambda name: (-weights[name], name))
    fits = matches[order].ge(FITS_FROM) & (pd.Series(weights)[order] > 0)
    # Each pattern of fitting factors is worded once: there are far fewer patterns than matches.
    pattern = fits.dot(pd.Series([2**number for number in range(len(order))], index=order)).astype("int64")
    words = {code: _words(code, order, labels) for code in pattern.unique()}
    has_none = pattern.eq(0)
    why_en, why_zh = (pattern.map(lambda code, at=at: words[code][at]).astype(object) for at in (0, 1))
    if has_none.any():
        added = matches.loc[has_none, order].mul(pd.Series(weights)[order])
        best = added.idxmax(axis="columns")
        why_en[has_none] = best.map(lambda name: f"{labels[name][0]} (nearly)")
        why_zh[has_none] = best.map(lambda name: f"{labels[name][1]}（接近）")
    return matches.drop(columns=list(FACTORS)).assign(why_en=why_en, why_zh=why_zh)


def _words(code: int, order: list[str], labels: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    fitting = [name for number, name in enumerate(order) if code >> number & 1][:MOST_REASONS]
    return "; ".join(labels[name][0] for name in fitting), "；".join(labels[name][1] for name in fitting)
