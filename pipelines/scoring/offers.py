"""The questions that a home offers: purchase silence only if buyers buy often enough, by the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

PURCHASE_SILENCE = "purchase_silence"
NOT_OFFERED = "not offered"


@dataclass(frozen=True)
class Refusal:
    """Why a question is not offered: `share` of repeat buyers among `buyers`, and the minimums of the rules."""

    buyers: int
    share: float
    min_buyers: int
    min_share: float
    within_days: int

    @property
    def reason(self) -> str:
        """`not offered: 9 % of 1,020 buyers bought again within 365 days, 25 % of at least 100 are asked for`."""
        return (
            f"{NOT_OFFERED}: {self.share:.0%} of {self.buyers:,} buyers bought again within {self.within_days} days, "
            f"{self.min_share:.0%} of at least {self.min_buyers:,} are asked for"
        ).replace("%", " %")


def refusal(connection: duckdb.DuckDBPyConnection, target: str, day: date) -> Refusal | None:
    """Return why the target is not offered on a day of the warehouse's scope; None if it is offered."""
    if target != PURCHASE_SILENCE:
        return None
    row = connection.execute(
        "SELECT buyers, coalesce(repeat_share, 0), repeat_min_buyers, repeat_min_share, repeat_within_days "
        "FROM core.repeat_buying__by_as_of WHERE as_of = ? AND NOT is_offered",
        [day],
    ).fetchone()
    return Refusal(*row) if row else None
