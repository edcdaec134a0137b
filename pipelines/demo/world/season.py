"""Activity by season and hour in a Chinese housing market."""

from __future__ import annotations

from dataclasses import dataclass
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

# The peaks are March and April, September and October: 金三银四, 金九银十.
MONTH_FACTOR = (0.90, 0.95, 1.25, 1.20, 1.05, 1.00, 0.90, 0.90, 1.20, 1.20, 1.00, 0.95)
WEEKEND_FACTOR = 1.35


@dataclass(frozen=True)
class Holiday:
    """A holiday. `factor`: activity relative to a usual day, from `days[0]` to `days[1]` days after its date."""

    factor: float
    days: tuple[int, int]
    dates: dict[int, date]


def _each_year(month: int, day: int) -> dict[int, date]:
    return {year: date(year, month, day) for year in SPRING_FESTIVAL}


# 春节, 清明, 劳动节, 端午, 中秋, 国庆. If two overlap, the lower factor counts.
HOLIDAYS = (
    Holiday(0.35, (-4, 10), SPRING_FESTIVAL),
    Holiday(
        0.70,
        (0, 2),
        {2023: date(2023, 4, 5)}
        | {y: date(y, 4, 4) for y in (2024, 2025, 2028)}
        | {y: date(y, 4, 5) for y in (2026, 2027)},
    ),
    Holiday(0.80, (0, 4), _each_year(5, 1)),
    Holiday(
        0.80,
        (0, 2),
        {
            2023: date(2023, 6, 22),
            2024: date(2024, 6, 10),
            2025: date(2025, 5, 31),
            2026: date(2026, 6, 19),
            2027: date(2027, 6, 9),
            2028: date(2028, 5, 28),
        },
    ),
    Holiday(
        0.75,
        (0, 2),
        {
            2023: date(2023, 9, 29),
            2024: date(2024, 9, 17),
            2025: date(2025, 10, 6),
            2026: date(2026, 9, 25),
            2027: date(2027, 9, 15),
            2028: date(2028, 10, 3),
        },
    ),
    Holiday(0.70, (0, 6), _each_year(10, 1)),
)

_HOURS = np.array([0, 8, 9, 12, 14, 18, 21, 24]) / 24
_SHARE_BEFORE = np.array([0, 0.01, 0.06, 0.34, 0.47, 0.80, 0.97, 1])


def day_factors(config: DemoConfig) -> Floats:
    """Activity of each day of the world relative to the mean day; shape (config.horizon,), mean 1.

    Raises DemoConfigError for a year without an entry in SPRING_FESTIVAL.
    """
    days = np.datetime64(config.start, "D") + np.arange(config.horizon)
    factors = np.array(MONTH_FACTOR)[days.astype("datetime64[M]").astype(int) % 12]
    factors = factors * np.where(np.is_busday(days), 1.0, WEEKEND_FACTOR)
    quiet = np.ones(len(days))
    for year in range(config.start.year, int(str(days[-1])[:4]) + 1):
        if year not in SPRING_FESTIVAL:
            raise DemoConfigError(
                f"start, last_day: expected years {min(SPRING_FESTIVAL)} to {max(SPRING_FESTIVAL)}, found {year}"
            )
        for holiday in HOLIDAYS:
            offset = (days - np.datetime64(holiday.dates[year], "D")).astype(int)
            within = (offset >= holiday.days[0]) & (offset <= holiday.days[1])
            quiet = np.where(within, np.minimum(quiet, holiday.factor), quiet)
    factors = np.where(quiet < 1, quiet, factors)
    return factors / factors.mean()


def to_seconds(times: Floats) -> np.ndarray:
    """Days since the start as whole seconds, moved into office hours. Day and order stay the same."""
    day = np.floor(times)
    within = np.interp(times - day, _SHARE_BEFORE, _HOURS)
    return (day * 86_400 + np.floor(within * 86_399)).astype(np.int64)
