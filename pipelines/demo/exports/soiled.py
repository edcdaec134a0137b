"""One export under the brush."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers, stream
from pipelines.demo.config import DemoConfig


class Soiled:
    """One export under the brush: its rows, which of them still are clean, and the defects planted so far."""

    def __init__(self, name: str, rows: pd.DataFrame, key: str, config: DemoConfig) -> None:
        self.name, self.rows, self.key, self.config = name, rows.astype(object), key, config
        self.clean = np.ones(len(rows), dtype=bool)
        self.ids = rows[key].to_numpy(dtype=object)
        self.defects: list[pd.DataFrame] = []

    def rng(self, defect: str) -> np.random.Generator:
        return stream(self.config.seed, f"dirt {self.name} {defect}")

    def choose(self, defect: str, share: float, eligible: Booleans, at_least: int = 1) -> Integers:
        """Positions of clean eligible rows: so large a share of all rows, but `at_least` so many if there are;
        none where the share is zero.
        """
        candidates = np.flatnonzero(eligible & self.clean)
        wanted = min(max(at_least, round(share * len(self.rows))), len(candidates)) if share else 0
        return np.sort(self.rng(defect).choice(candidates, wanted, replace=False))

    def spoil(self, defect: str, rows: Integers, field: str, written: np.ndarray, spent: bool = True) -> None:
        """Overwrite one field of these rows, and remember. `spent`: the rows are clean no more."""
        values = self.rows[field].to_numpy(dtype=object, copy=True)
        self._remember(defect, rows, field, values[rows], written)
        values[rows] = written
        self.rows[field] = values
        self.clean[rows] &= not spent

    def append(self, defect: str, copies: pd.DataFrame, field: str | None, originals: np.ndarray) -> None:
        """Put rows at the end of the file, and remember."""
        self.rows = pd.concat([self.rows, copies], ignore_index=True)
        self.ids = np.concatenate([self.ids, copies[self.key].to_numpy(dtype=object)])
        self.clean = np.concatenate([self.clean, np.zeros(len(copies), dtype=bool)])
        added = np.arange(len(self.rows) - len(copies), len(self.rows))
        written = copies[field].to_numpy(dtype=object) if field else np.full(len(copies), None)
        self._remember(defect, added, field, originals, written)

    def _remember(self, defect: str, rows: Integers, field: str | None, before: np.ndarray, after: np.ndarray) -> None:
        columns = {"line": rows + 2, "row_id": self.ids[rows], "field": field, "original": before, "written": after}
        self.defects.append(pd.DataFrame({"defect": defect, "file": self.name} | columns))
