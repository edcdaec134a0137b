"""Drift: the difference between today's rows and the rows of the training.

PSI = Σ (now − then) · ln(now ÷ then) over bins. Source: Lewis (1994), An introduction to credit scoring. Bins are
deciles of the rows of a year, or categories; nulls have their own bin. With few rows, PSI reaches 0.25 without drift:
below MIN_ROWS there is no warning. A season is no drift: a feature warns only if it differs more from the year than any
month-end of the year did.
"""

from __future__ import annotations

import json
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
    counted = DriftCounts(kept)
    counted.add(frame, probability)
    return counted.drift()


class DriftCounts:
    """Counts of rows by bin, added up batch by batch: the drift of rows that are never in memory at once."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self._kept = kept
        self._rows: dict[str, int] = {}
        self._counts: dict[str, np.ndarray] = {}
        self._faults: dict[str, str] = {}

    def add(self, frame: pd.DataFrame, probability: np.ndarray | None = None) -> None:
        """Count raw rows, with their probability if it is given."""
        columns = {name: frame[name] for name in self._kept if name in frame}
        if probability is not None:
            columns[PROBABILITY] = pd.Series(probability).round(PROBABILITY_DECIMALS)
        for name, then in self._kept.items():
            if name in columns:
                self._add(name, columns[name], then)
            elif name != PROBABILITY:
                self._faults.setdefault(name, "expected a column, found none")

    def _add(self, name: str, column: pd.Series, then: dict[str, Any]) -> None:
        if (wrong := _wrong_type(column, "levels" in then)) is not None:
            self._faults.setdefault(name, wrong)
        if name not in self._faults:
            self._rows[name] = self._rows.get(name, 0) + len(column)
            self._counts[name] = self._counts.get(name, 0) + _counts(column, then)

    def to_json(self) -> str:
        """Return the counts as JSON, which `add_json` reads in another process."""
        counts = {name: counted.tolist() for name, counted in self._counts.items()}
        return json.dumps({"rows": self._rows, "counts": counts, "faults": self._faults}, sort_keys=True)

    def add_json(self, counted: str) -> None:
        """Add the rows that another process has counted."""
        other = json.loads(counted)
        self._faults = other["faults"] | self._faults
        for name, rows in other["rows"].items():
            self._rows[name] = self._rows.get(name, 0) + rows
            self._counts[name] = self._counts.get(name, 0) + np.array(other["counts"][name])

    def drift(self) -> Drift:
        """Return the drift of all rows that were added."""
        table, blocks = [], []
        for name, then in self._kept.items():
            if name in self._faults:
                blocks.append(f"{name}: {self._faults[name]}")
            elif name in self._rows:
                rows, counts = self._rows[name], self._counts[name]
                nulls = float(counts[-1] / rows) if rows else 0.0
                if rows >= MIN_ROWS and nulls - then["nulls"] > NULL_JUMP:
                    expected = f"expected about {then['nulls']:.0%} nulls as in training"
                    blocks.append(f"{name}: {expected}, found {nulls:.0%} of {rows:,}")
                psi = _psi(np.array(then["shares"]), counts / rows) if rows else np.nan
                usual = BEYOND * then.get("usual", 0.0)
                level = _level(psi, rows, usual)
                table.append((name, psi, level, rows, then["nulls"], nulls, max(LARGE, usual)))
        return Drift(pd.DataFrame(table, columns=DRIFT_COLUMNS), tuple(blocks))


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
    return _counts(column, bins) / max(len(column), 1)


def _counts(column: pd.Series, bins: dict[str, Any]) -> np.ndarray:
    """Return the number of rows per bin. The last bin is for nulls, the last but one of categories for unknown ones."""
    known = column.notna().to_numpy()
    if "levels" in bins:
        codes = pd.Index(bins["levels"], dtype=object).get_indexer(pd.Index(column[known], dtype=object))
        size = len(bins["levels"]) + 1
        codes[codes < 0] = size - 1
    else:
        codes = np.searchsorted(bins["edges"], column[known].to_numpy(dtype="float64"), side="left")
        size = len(bins["edges"]) + 1
    return np.append(np.bincount(codes, minlength=size), (~known).sum())


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
    if is_category and isinstance(column.dtype, pd.StringDtype):
        return None
    is_text = bool(len(known)) and known.map(lambda value: isinstance(value, str)).all()
    if len(known) and is_text != is_category:
        return f"expected {'text' if is_category else 'numbers'}, found {type(known.iloc[0]).__name__}"
    return None
