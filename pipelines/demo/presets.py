"""The presets of `tierhouse demo`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.demo.config import DemoConfig, DemoConfigError, Dirt

HARD_DIRT = Dirt(
    reversed_budget=0.03,
    budget_in_yuan=0.02,
    agency_phones=0.0006,
    broken_lead=0.01,
    broken_interaction=0.015,
    broken_transaction=0.015,
    resent_interaction=0.03,
    orphan_interaction=0.005,
    future_interaction=0.0005,
    late_lead=0.05,
    late_interaction=0.12,
    late_transaction=0.08,
    household_phone=0.03,
    missing_lead_field=0.25,
    missing_interaction_field=0.05,
    wrong_answer=0.06,
    masked_phone=0.04,
    placeholder_phone=0.004,
)
"""More defects of every kind. People and rates are the same as in the demo."""

LARGE_LEADS = 1_000_000
LEADS_PER_PART = 20_000
LARGE_UNITS_PER_DEAL = 6.9


@dataclass(frozen=True)
class Preset:
    """A world by name."""

    name: str
    config: DemoConfig


def preset(name: str, leads: int | None = None, seed: int | None = None) -> Preset:
    """The preset of a name; `leads` and `seed` replace its usual size and seed.

    demo: 20,000 leads. hard: the same people with more defects. large: 1,000,000 leads in parts of 20,000; some buyers
    are institutions that buy several units. drifted: the demo and 60 more days of another market. Raises
    DemoConfigError for an unknown name.
    """
    usual = DemoConfig()
    config = replace(usual, leads=leads or usual.leads, seed=usual.seed if seed is None else seed)
    if name in ("demo", "drifted"):
        return Preset(name, config)
    if name == "hard":
        return Preset(name, replace(config, dirt=HARD_DIRT))
    if name == "large":
        size = leads or LARGE_LEADS
        blocks = replace(config, units_per_deal=LARGE_UNITS_PER_DEAL, leads=size)
        return Preset(name, replace(blocks, parts=max(1, round(size / LEADS_PER_PART))))
    raise DemoConfigError(f"preset: expected one of {', '.join(NAMES)}, found {name}")


NAMES = ("demo", "hard", "large", "drifted")
