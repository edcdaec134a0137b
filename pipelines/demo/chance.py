"""Seeded random numbers: one independent stream per part, so that a new part does not change the others."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

NULL: Any = None
"""None as a value of an array of objects. The types of `numpy.where` do not accept None."""


def stream(seed: int, part: str) -> np.random.Generator:
    """The random generator of a named part."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(part.encode())]))


def pick(rng: np.random.Generator, weights: Floats) -> Integers:
    """Draw one category per row of `weights` (rows x categories, any positive scale)."""
    cumulated = np.cumsum(weights, axis=1)
    return (rng.random((len(weights), 1)) * cumulated[:, -1:] >= cumulated).sum(axis=1)


def logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
