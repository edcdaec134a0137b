"""SQL expressions of the factors of a match. The SQL is common to DuckDB and Spark."""

from __future__ import annotations

from collections.abc import Mapping

FACTORS = ("project", "district", "layout", "area", "budget", "viewed_project", "viewed_layout", "viewed_price")
"""Factors of the match score, from 0 to 1, with weights from a rules table. Unknown values add nothing."""
BLOCK_FACTORS = ("project", "district", "layout", "viewed_project", "viewed_layout")
"""Factors that are the same for all listings of a block."""
BEYOND_BUDGET = 0.2
"""The fit falls linearly from 1 at the limit of the budget to 0 at this share beyond it."""
BEYOND_AREA = 0.25


def within(low: str, high: str, least: str, most: str, beyond: float) -> str:
    """Return the fit of the best value from `least` to `most` (both the same for one value) to the wanted bounds.

    1 inside the bounds, falling to 0 at `beyond` (a share) outside; 0 without a bound or a value.
    """
    above = f"CASE WHEN {high} IS NULL OR {least} <= {high} THEN 0.0 " + (
        f"WHEN {high} > 0 THEN ({least} / {high} - 1) / {beyond} ELSE 1.0 END"
    )
    below = f"CASE WHEN {low} IS NULL OR {most} >= {low} THEN 0.0 " + (
        f"WHEN {low} > 0 THEN (1 - {most} / {low}) / {beyond} ELSE 1.0 END"
    )
    return (
        f"CASE WHEN {least} IS NULL OR ({low} IS NULL AND {high} IS NULL) THEN 0.0 "
        f"ELSE 1 - least(greatest({above}, {below}), 1.0) END"
    )


def value_fits(area: tuple[str, str], price: tuple[str, str]) -> dict[str, str]:
    """Return the factors that depend on area and price, for values from the first to the second expression."""
    return {
        "area": within("needs.area_min", "needs.area_max", *area, BEYOND_AREA),
        "budget": within("needs.budget_min", "needs.budget_max", *price, BEYOND_BUDGET),
        "viewed_price": within("needs.viewed_price", "needs.viewed_price", *price, BEYOND_BUDGET),
    }


def weighted(factors: Mapping[str, str], weights: Mapping[str, float]) -> str:
    """Return the sum of the factors, each times its share of all weights."""
    total = sum(weights[name] for name in FACTORS)
    return " + ".join(f"{weights[name] / total!r} * ({factor})" for name, factor in factors.items())
