"""An export into which defects are planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers, stream
from pipelines.demo.config import DemoConfig


class DirtyExport:
    """The rows of an export, a flag for rows without a defect (`clean`), and the planted defects."""

    def __init__(self, name: str, rows: pd.DataFrame, key: str, config: DemoConfig) -> None:
        self.name, self.rows, self.key, self.config = name, rows.astype(object), key, config
        self.clean = np.ones(len(rows), dtype=bool)
        self.ids = rows[key].to_numpy(dtype=object)
        self.defects: list[pd.DataFrame] = []

    def rng(self, defect: str) -> np.random.Generator:
        return stream(self.config.seed, f"dirt {self.name} {defect}")

    def choose(self, defect: str, share: float, eligible: Booleans, at_least: int = 1) -> Integers:
        """Draw positions of clean eligible rows.

        Their number is the share of all rows, and `at_least` this many if there are enough; zero for a share of zero.
        """
        candidates = np.flatnonzero(eligible & self.clean)
        wanted = min(max(at_least, round(share * len(self.rows))), len(candidates)) if share else 0
        return np.sort(self.rng(defect).choice(candidates, wanted, replace=False))

    def spoil(self, defect: str, rows: Integers, field: str, written: np.ndarray, spent: bool = True) -> None:
        """Overwrite one field of the rows and record the defects. `spent`: whether the rows are no longer clean."""
        values = self.rows[field].to_numpy(dtype=object, copy=True)
        self._record(defect, rows, field, values[rows], written)
        values[rows] = written
        self.rows[field] = values
        self.clean[rows] &= not spent

    def append(self, defect: str, copies: pd.DataFrame, field: str | None, originals: np.ndarray) -> None:
        """Append rows to the export and record the defects."""
        self.rows = pd.concat([self.rows, copies], ignore_index=True)
        self.ids = np.concatenate([self.ids, copies[self.key].to_numpy(dtype=object)])
        self.clean = np.concatenate([self.clean, np.zeros(len(copies), dtype=bool)])
        added = np.arange(len(self.rows) - len(copies), len(self.rows))
        written = copies[field].to_numpy(dtype=object) if field else np.full(len(copies), None)
        self._record(defect, added, field, originals, written)

    def _record(self, defect: str, rows: Integers, field: str | None, before: np.ndarray, after: np.ndarray) -> None:
        columns = {"line": rows + 2, "row_id": self.ids[rows], "field": field, "original": before, "written": after}
        self.defects.append(pd.DataFrame({"defect": defect, "file": self.name} | columns))
