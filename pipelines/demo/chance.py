"""Seeded chance: one independent stream per part, so that a new part leaves the others' draws alone."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def stream(seed: int, part: str) -> np.random.Generator:
    """The generator of one named part."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(part.encode())]))


def pick(rng: np.random.Generator, weights: Floats) -> Integers:
    """One category per row of `weights` (rows x categories, any positive scale)."""
    ladder = np.cumsum(weights, axis=1)
    return (rng.random((len(weights), 1)) * ladder[:, -1:] >= ladder).sum(axis=1)


def logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
