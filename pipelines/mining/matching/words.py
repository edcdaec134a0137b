"""Reasons of a match, in English and Chinese: the factors that fit, largest weight first."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipelines.mining.matching.fit import FACTORS

FITS_FROM = 0.5
MOST_REASONS = 3


def pattern(weights: Mapping[str, float]) -> str:
    """Return the SQL expression of the reasons of a match: a code of `wordings`.

    The code is the sum of 2^n over the factors with a fit of FITS_FROM or more, n in the order of the weights. If there
    are none, it is -1 - n of the factor that adds most.
    """
    order = _order(weights)
    fitting = " + ".join(
        f"CASE WHEN {name} >= {FITS_FROM} THEN {2**number} ELSE 0 END"
        for number, name in enumerate(order)
        if weights[name] > 0
    )
    added = [f"{weights[name]!r} * {name}" for name in order]
    most = " ".join(
        f"WHEN {value} >= greatest({', '.join(added)}) THEN {-1 - number}" for number, value in enumerate(added)
    )
    return f"CASE WHEN {fitting} > 0 THEN {fitting} ELSE CASE {most} END END"


def wordings(weights: Mapping[str, float], labels: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Return why_en and why_zh of each code of `pattern`: at most MOST_REASONS factors.

    `labels`: factor → English, Chinese. Columns: code, why_en, why_zh.
    """
    order = _order(weights)
    rows = [(code, *_words(code, order, labels)) for code in range(1, 2 ** len(order))]
    rows += [
        (-1 - number, f"{labels[name][0]} (nearly)", f"{labels[name][1]}（接近）") for number, name in enumerate(order)
    ]
    return pd.DataFrame(rows, columns=["code", "why_en", "why_zh"])


def _order(weights: Mapping[str, float]) -> list[str]:
    return sorted(FACTORS, key=lambda name: (-weights[name], name))


def _words(code: int, order: list[str], labels: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    fitting = [name for number, name in enumerate(order) if code >> number & 1][:MOST_REASONS]
    return "; ".join(labels[name][0] for name in fitting), "；".join(labels[name][1] for name in fitting)
