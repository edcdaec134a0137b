"""Whether today's rows still look like those a model learned from.

PSI = Σ (now − then) · ln(now ÷ then) over bins; Lewis (1994), An introduction to credit scoring. Bins are deciles of
the rows of a year, categories are their levels; nulls are a bin of their own. With few rows PSI reaches 0.25 without
any drift, so that it warns only from MIN_ROWS on. Nor is a season drift: a feature warns only where it is further from
the year than any of the year's own month-ends was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.features.features import Feature

MIN_ROWS = 500
NOTABLE, LARGE = 0.10, 0.25
NULL_JUMP = 0.20
"""A share of nulls that is this much higher than in training blocks: a source has stopped filling the column."""
MAX_LEVELS = 20
SCORE = "(score)"
SCORE_DECIMALS = 6
"""One probability for all, a base rate, is the same on both sides, however it was rounded."""
FLOOR = 1e-4
"""An empty bin counts as this share."""

BEYOND = 1.25
"""How much further than the furthest month-end of the year."""

DRIFT_COLUMNS = ["feature", "psi", "level", "rows", "nulls_then", "nulls_now", "large_from"]


@dataclass(frozen=True)
class Drift:
    """`table`: one row per feature and for the score, level is none, notable, large or too_few. `blocks`: why the rows
    must not be scored; empty if they may."""

    table: pd.DataFrame
    blocks: tuple[str, ...]


def reference(
    frame: pd.DataFrame, features: Sequence[Feature], probability: np.ndarray, as_of: pd.Series
) -> dict[str, Any]:
    """What a card keeps of the rows of a year: bins, shares and nulls by feature, and the score's. Counts only.

    `usual`: the largest PSI of a month-end of MIN_ROWS or more against all of them.
    """
    kept = {feature.name: _reference(frame[feature.name], as_of, feature.scale == "category") for feature in features}
    return kept | {SCORE: _reference(pd.Series(probability).round(SCORE_DECIMALS), as_of, is_category=False)}


def drift(kept: dict[str, Any], frame: pd.DataFrame, probability: np.ndarray | None = None) -> Drift:
    """Compare raw rows with a card's reference; the score too where it is given.

    Blocks: a column that is gone or whose type changed between text and number, and, with MIN_ROWS or more, a share of
    nulls that rose by more than NULL_JUMP.
    """
    rows, blocks = [], []
    columns = {name: frame[name] for name in kept if name in frame}
    if probability is not None:
        columns[SCORE] = pd.Series(probability).round(SCORE_DECIMALS)
    for name, then in kept.items():
        if name == SCORE and probability is None:
            continue
        if name not in columns:
            blocks.append(f"{name}: expected a column, found none")
            continue
        now = columns[name]
        if (wrong := _wrong_type(now, "levels" in then)) is not None:
            blocks.append(f"{name}: {wrong}")
            continue
        nulls = float(now.isna().mean()) if len(now) else 0.0
        if len(now) >= MIN_ROWS and nulls - then["nulls"] > NULL_JUMP:
            blocks.append(
                f"{name}: expected about {then['nulls']:.0%} nulls as in training, found {nulls:.0%} of {len(now):,}"
            )
        psi = _psi(np.array(then["shares"]), _shares(now, then)) if len(now) else np.nan
        usual = BEYOND * then.get("usual", 0.0)
        rows.append((name, psi, _level(psi, len(now), usual), len(now), then["nulls"], nulls, max(LARGE, usual)))
    return Drift(pd.DataFrame(rows, columns=DRIFT_COLUMNS), tuple(blocks))


def _reference(column: pd.Series, as_of: pd.Series, is_category: bool) -> dict[str, Any]:
    if is_category:
        counts = column.dropna().value_counts()
        bins: dict[str, Any] = {"levels": sorted(counts.sort_index().nlargest(MAX_LEVELS, keep="first").index)}
    else:
        known = column.dropna().to_numpy(dtype="float64")
        edges = np.unique(np.quantile(known, np.arange(1, 10) / 10)) if len(known) else np.array([])
        bins = {"edges": edges.tolist()}
    shares = _shares(column, bins)
    months = [column[(as_of == month).to_numpy()] for month in as_of.unique()]
    usual = [_psi(shares, _shares(month, bins)) for month in months if len(month) >= MIN_ROWS]
    kept = {"nulls": float(column.isna().mean()), "shares": shares.tolist(), "usual": max(usual, default=0.0)}
    return bins | kept


def _shares(column: pd.Series, bins: dict[str, Any]) -> np.ndarray:
    """Share of rows per bin, the last one for nulls (and, among levels, the last but one for all others)."""
    known = column.notna().to_numpy()
    if "levels" in bins:
        codes = pd.Index(bins["levels"], dtype=object).get_indexer(pd.Index(column[known], dtype=object))
        size = len(bins["levels"]) + 1
        codes[codes < 0] = size - 1
    else:
        codes = np.searchsorted(bins["edges"], column[known].to_numpy(dtype="float64"), side="left")
        size = len(bins["edges"]) + 1
    return np.append(np.bincount(codes, minlength=size), (~known).sum()) / max(len(column), 1)


def _psi(then: np.ndarray, now: np.ndarray) -> float:
    then, now = then.clip(FLOOR), now.clip(FLOOR)
    return float(((now - then) * np.log(now / then)).sum())


def _level(psi: float, rows: int, usual: float) -> str:
    if rows < MIN_ROWS:
        return "too_few"
    return "large" if psi >= max(LARGE, usual) else "notable" if psi >= max(NOTABLE, usual) else "none"


def _wrong_type(column: pd.Series, is_category: bool) -> str | None:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "expected text, found numbers" if is_category and column.notna().any() else None
    known = column.dropna()
    is_text = bool(len(known)) and known.map(lambda value: isinstance(value, str)).all()
    if len(known) and is_text != is_category:
        return f"expected {'text' if is_category else 'numbers'}, found {type(known.iloc[0]).__name__}"
    return None
