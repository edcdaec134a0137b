"""The bars of the trust figures (docs/benchmarks.md), and the worst figure of several seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Figures = Mapping[str, float]
"""Key of `BARS` → figure of one home. Figures that were not measured are absent; NaN: measured without a result."""


@dataclass(frozen=True)
class Bar:
    """`limit`: by preset. `sign`: comparison of figure and limit. `of`: the worst seed or the mean of the seeds."""

    what: str
    sign: str
    limit: Mapping[str, float]
    of: Literal["worst", "mean"] = "worst"

    def is_met(self, value: float, preset: str) -> bool:
        """Return whether the figure meets the bar. NaN does not."""
        limit = self.limit[preset]
        return {"≥": value >= limit, ">": value > limit, "≤": value <= limit}[self.sign]

    def worst(self, values: Sequence[float]) -> float:
        """Return the worst figure, or the mean; NaN if a figure is NaN."""
        if self.of == "mean":
            return sum(values) / len(values)
        if any(math.isnan(value) for value in values):
            return math.nan
        return max(values) if self.sign == "≤" else min(values)


@dataclass(frozen=True)
class Row:
    """One row of the printed table: the figures of a preset by seed, and the worst one."""

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
    "scored_unproven": Bar("questions scored by a model that may not score", "≤", _both(0)),
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
    "grades_out_of_order": Bar("  steps from A to D without a lower mean", "≤", _both(0)),
    "protected": Bar("protected attributes flipped, max Δp", "≤", _both(0)),
    "retrained_ids": Bar("same data, same seed: other ids", "≤", _both(0)),
    "retrained": Bar("same data, same seed, max Δp", "≤", _both(0)),
    "alerts_short_of_reasons": Bar("alerts without 3 reasons", "≤", _both(0)),
    "contribution_gap": Bar("contributions − log-odds, max", "≤", _both(1e-6)),
    "early_warnings": Bar("drift warnings with n < 500", "≤", _both(0)),
    "unblocked": Bar("broken columns not blocked, of 3", "≤", _both(0)),
    "unproven": Bar("promotions without a gain", "≤", _both(0)),
    "facts_not_kept": Bar("facts missing on the card", "≤", _both(0)),
}


def worst_of_seeds(measured: Mapping[tuple[str, int], Figures]) -> list[Row]:
    """Return a row for each preset and bar, in the order of `BARS`. `measured`: figures by preset and seed.

    A bar without a figure has a row without values, which is not met. Raises KeyError for a figure without a bar.
    """
    if unknown := sorted({name for figures in measured.values() for name in figures} - set(BARS)):
        raise KeyError(f"expected figures of {', '.join(BARS)}, found {', '.join(unknown)}")
    rows = []
    for preset in dict.fromkeys(preset for preset, _ in measured):
        by_seed = {seed: figures for (name, seed), figures in measured.items() if name == preset}
        for name, bar in BARS.items():
            rows.append(Row(preset, bar, {seed: of[name] for seed, of in by_seed.items() if name in of}))
    return rows
