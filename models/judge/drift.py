"""Drift: the difference between today's rows and the rows of the training.

PSI = Σ (now − then) · ln(now ÷ then) over bins. Source: Lewis (1994), An introduction to credit scoring. Bins are
deciles of the rows of a year, or categories; nulls have their own bin. With few rows, PSI reaches 0.25 without drift:
below MIN_ROWS there is no warning. A season is no drift: a feature warns only if it differs more from the year than any
month-end of the year did.
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
"""A larger rise of the share of nulls since training blocks: a source has stopped filling the column."""
MAX_LEVELS = 20
PROBABILITY = "(score)"
"""Name of the probability among the features; published, therefore unchanged."""
PROBABILITY_DECIMALS = 6
"""Rounded, so that the base rate, one probability for all rows, is equal on both sides."""
FLOOR = 1e-4
"""The share of an empty bin."""

BEYOND = 1.25
"""Factor on the PSI of the most different month-end of the year."""

DRIFT_COLUMNS = ["feature", "psi", "level", "rows", "nulls_then", "nulls_now", "large_from"]


@dataclass(frozen=True)
class Drift:
    """`table`: one row per feature and for the probability; level is none, notable, large or too_few.

    `blocks`: reasons why the rows must not be scored; empty if they may."""

    table: pd.DataFrame
    blocks: tuple[str, ...]


def reference(
    frame: pd.DataFrame, features: Sequence[Feature], probability: np.ndarray, as_of: pd.Series
) -> dict[str, Any]:
    """Return bins, shares and nulls of each feature and of the probability, from the rows of a year, for the card.

    `usual`: the largest PSI of a month-end of MIN_ROWS or more against all of them.
    """
    columns = {
        feature.name: _reference(frame[feature.name], as_of, feature.scale == "category") for feature in features
    }
    rounded = pd.Series(probability).round(PROBABILITY_DECIMALS)
    return columns | {PROBABILITY: _reference(rounded, as_of, is_category=False)}


def drift(kept: dict[str, Any], frame: pd.DataFrame, probability: np.ndarray | None = None) -> Drift:
    """Compare raw rows with the reference of a card, with the probability if it is given.

    A missing column blocks, as does a change between text and number, and, from MIN_ROWS on, a share of nulls that rose
    by more than NULL_JUMP.
    """
    rows, blocks = [], []
    columns = {name: frame[name] for name in kept if name in frame}
    if probability is not None:
        columns[PROBABILITY] = pd.Series(probability).round(PROBABILITY_DECIMALS)
    for name, then in kept.items():
        if name == PROBABILITY and probability is None:
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
    facts = {"nulls": float(column.isna().mean()), "shares": shares.tolist(), "usual": max(usual, default=0.0)}
    return bins | facts


def _shares(column: pd.Series, bins: dict[str, Any]) -> np.ndarray:
    """Return the share of rows per bin. The last bin is for nulls, the last but one of categories for unknown ones."""
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
