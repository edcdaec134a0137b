"""The year of a Chinese housing market, and the hours of its day."""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.demo.chance import Floats
from pipelines.demo.config import DemoConfig, DemoConfigError

SPRING_FESTIVAL = {
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
}

# March and April, September and October: 金三银四, 金九银十.
MONTH_FACTOR = (0.90, 0.95, 1.25, 1.20, 1.05, 1.00, 0.90, 0.90, 1.20, 1.20, 1.00, 0.95)
WEEKEND_FACTOR = 1.35
FESTIVAL_FACTOR = 0.35
FESTIVAL_DAYS = (-4, 10)

_HOURS = np.array([0, 8, 9, 12, 14, 18, 21, 24]) / 24
_SHARE_BEFORE = np.array([0, 0.01, 0.06, 0.34, 0.47, 0.80, 0.97, 1])


def day_factors(config: DemoConfig) -> Floats:
    """Activity of each day relative to the mean day; shape (days,), mean 1.

    Raises DemoConfigError for a year whose Spring Festival is not known here.
    """
    days = np.datetime64(config.start, "D") + np.arange(config.days)
    factors = np.array(MONTH_FACTOR)[days.astype("datetime64[M]").astype(int) % 12]
    factors = factors * np.where(np.is_busday(days), 1.0, WEEKEND_FACTOR)
    for year in range(config.start.year, config.last_day.year + 1):
        if year not in SPRING_FESTIVAL:
            raise DemoConfigError(
                f"start, last_day: expected years {min(SPRING_FESTIVAL)} to {max(SPRING_FESTIVAL)}, found {year}"
            )
        offset = (days - np.datetime64(SPRING_FESTIVAL[year], "D")).astype(int)
        factors = np.where((offset >= FESTIVAL_DAYS[0]) & (offset <= FESTIVAL_DAYS[1]), FESTIVAL_FACTOR, factors)
    return factors / factors.mean()


def to_seconds(times: Floats) -> np.ndarray:
    """Days since the start as whole seconds since the start, moved into office hours; keeps day and order."""
    day = np.floor(times)
    within = np.interp(times - day, _SHARE_BEFORE, _HOURS)
    return (day * 86_400 + np.floor(within * 86_399)).astype(np.int64)
