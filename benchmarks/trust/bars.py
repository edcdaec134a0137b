"""The rows of the table "Trust" of docs/benchmarks.md: their bars, and which seed is the worst."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Figures = Mapping[str, float]
"""Row of `BARS` → figure, of one home. A row that was not measured there is left out; NaN: it could not be judged."""


@dataclass(frozen=True)
class Bar:
    """`limit`: by preset. `sign`: how a figure has to stand to it. `of`: the worst seed or the mean of the seeds."""

    what: str
    sign: str
    limit: Mapping[str, float]
    of: Literal["worst", "mean"] = "worst"

    def is_met(self, value: float, preset: str) -> bool:
        """Whether the figure meets the bar; NaN does not."""
        limit = self.limit[preset]
        return {"≥": value >= limit, ">": value > limit, "≤": value <= limit}[self.sign]

    def worst(self, values: Sequence[float]) -> float:
        """The figure furthest on the wrong side, or the mean; NaN if one of them is."""
        if self.of == "mean":
            return sum(values) / len(values)
        if any(math.isnan(value) for value in values):
            return math.nan
        return max(values) if self.sign == "≤" else min(values)


@dataclass(frozen=True)
class Row:
    """One row of the printed table: the worst figure over the seeds of a preset, and all of them."""

    preset: str
    bar: Bar
    values: Mapping[int, float]

    @property
    def worst(self) -> float:
        return self.bar.worst(list(self.values.values()))

    @property
    def is_met(self) -> bool:
        return self.bar.is_met(self.worst, self.preset)


def _both(limit: float) -> dict[str, float]:
    return {"demo": limit, "hard": limit}


BARS: dict[str, Bar] = {
    "pr_auc_ratio_low": Bar("PR-AUC ÷ best baseline, lower bound", ">", _both(1.0)),
    "gain_share": Bar("share of the attainable gain in PR-AUC", "≥", _both(0.60)),
    "gain_share_mean": Bar("  the same, mean of the seeds", "≥", _both(0.70), of="mean"),
    "scored_unproven": Bar("questions scored by a model that may not", "≤", _both(0)),
    "auc_share": Bar("share of attainable AUC", "≥", {"demo": 0.95, "hard": 0.90}),
    "lift_share": Bar("top-decile lift ÷ the ceiling's", "≥", _both(0.90)),
    "calibration_over_ceiling": Bar("calibration error − the ceiling's own", "≤", _both(0.008)),
    "level_least": Bar("predicted ÷ realised, any judged month-end", "≥", _both(0.9)),
    "level_most": Bar("  the same, at most", "≤", _both(1.1)),
    "aged_least": Bar("  of a home a year older, or twice as old", "≥", _both(0.9)),
    "aged_most": Bar("  of such a home, at most", "≤", _both(1.1)),
    "level_changes": Bar("level changes a day", "≤", _both(0.01)),
    "quiet_changes": Bar("  without a new event", "≤", _both(0.005)),
    "reversals": Bar("  taken back within 7 days", "≤", _both(0.10)),
    "personas_kept": Bar("personas kept a day without a new event", "≥", _both(0.95)),
    "grade_a_least": Bar("grade A, share of customers", "≥", _both(0.05)),
    "grade_a_most": Bar("  the same", "≤", _both(0.15)),
    "grade_a_ratio": Bar("  contribution of 90 days ÷ that of all", "≥", _both(3)),
    "grades_out_of_order": Bar("  steps from A to D that bring no less", "≤", _both(0)),
    "protected": Bar("protected attributes flipped, max Δp", "≤", _both(0)),
    "retrained_ids": Bar("same data, same seed: other ids", "≤", _both(0)),
    "retrained": Bar("same data, same seed, max Δp", "≤", _both(0)),
    "alerts_short_of_reasons": Bar("alerts without 3 reasons", "≤", _both(0)),
    "contribution_gap": Bar("contributions − log-odds, max", "≤", _both(1e-6)),
    "early_warnings": Bar("drift warned of with n < 500", "≤", _both(0)),
    "unblocked": Bar("of 3 broken columns, not blocked", "≤", _both(0)),
    "unproven": Bar("promoted without a gain", "≤", _both(0)),
    "facts_not_kept": Bar("facts missing on the card", "≤", _both(0)),
}


def worst_of_seeds(found: Mapping[tuple[str, int], Figures]) -> list[Row]:
    """A row for each preset and bar, in the order of `BARS`. `found`: figures by preset and seed.

    A bar that no seed of the preset measured has a row without values, which is not met. Raises KeyError for a figure
    without a bar.
    """
    if strange := sorted({name for figures in found.values() for name in figures} - set(BARS)):
        raise KeyError(f"expected figures of {', '.join(BARS)}, found {', '.join(strange)}")
    return [
        Row(preset, bar, {seed: one[name] for (where, seed), one in found.items() if where == preset and name in one})
        for preset in dict.fromkeys(preset for preset, _ in found)
        for name, bar in BARS.items()
    ]
