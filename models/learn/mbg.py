"""MBG/NBD: a buy-till-you-die model with heterogeneous rates, as a baseline for silence.

Sources: Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer base
analysis; Wagner & Hoppe (2008), Erratum on the MBG/NBD model. Rates are Gamma(r, alpha), dropout after each event,
the first included, is Beta(a, b). Per customer: `x` repeat events, `t_x` days from the first to the last of them, `t`
days from the first to now.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from models.errors import FitError


@dataclass(frozen=True)
class Mbg:
    """Parameters; `alpha` in days."""

    r: float
    alpha: float
    a: float
    b: float

    def probability_alive(self, x: np.ndarray, t_x: np.ndarray, t: np.ndarray) -> np.ndarray:
        """P(not yet dropped out | history)."""
        odds = self.a / (self.b + x) * np.exp((self.r + x) * (np.log(self.alpha + t) - np.log(self.alpha + t_x)))
        return 1 / (1 + odds)

    def probability_none(self, x: np.ndarray, t_x: np.ndarray, t: np.ndarray, horizon: float) -> np.ndarray:
        """P(no event in the next `horizon` days | history): dropped out, or alive and silent."""
        silent = np.exp((self.r + x) * (np.log(self.alpha + t) - np.log(self.alpha + t + horizon)))
        return 1 - self.probability_alive(x, t_x, t) * (1 - silent)


def fit_mbg(x: np.ndarray, t_x: np.ndarray, t: np.ndarray) -> Mbg:
    """Maximum likelihood, with time scaled to the longest history. Raises FitError without a finite likelihood."""
    scale = float(t.max())
    optimum = minimize(
        _negative_log_likelihood,
        np.zeros(4),
        args=(x, t_x / scale, t / scale),
        method="L-BFGS-B",
        bounds=[(-8.0, 8.0)] * 4,
    )
    if not np.isfinite(optimum.fun):
        raise FitError(f"expected histories with a likelihood, found {len(x)} without: {optimum.message}")
    r, alpha, a, b = np.exp(optimum.x)
    return Mbg(float(r), float(alpha * scale), float(a), float(b))


def _negative_log_likelihood(logs: np.ndarray, x: np.ndarray, t_x: np.ndarray, t: np.ndarray) -> float:
    r, alpha, a, b = np.exp(logs)
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t)
    dropout = gammaln(a + b) + gammaln(b + x + 1) - gammaln(b) - gammaln(a + b + x + 1)
    dead = np.log(a) - np.log(b + x) + (r + x) * (np.log(alpha + t) - np.log(alpha + t_x))
    return -float(np.mean(rate + dropout + np.logaddexp(0, dead)))
