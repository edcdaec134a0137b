"""Persons: when they come, what they want, and the two latent rates that make their future."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Floats, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import world
from pipelines.demo.world.season import day_factors

TIER_SHIFT_INTENT = np.array([0.05, 0.0, -0.10])
TIER_SHIFT_DROPOUT = np.array([0.15, 0.0, -0.15])
TIER_BOUNDS_SALE = (4_000_000, 8_000_000)
TIER_BOUNDS_RENT = (5_000, 10_000)


def make_people(config: DemoConfig, staff: pd.DataFrame) -> pd.DataFrame:
    """Row: person. `arrival` and `dropout` in days since the start; `event_rate` and `dropout_rate` per day, with the
    `log_..._median` that follow from channel, demand, budget and agent.

    `channel`, `demand`, `project`, `layout` and `agent` are positions in their tables; `budget` is CNY, per month
    for tenants.
    """
    rng = stream(config.seed, "people")
    people = pd.DataFrame({"arrival": _arrivals(rng, config)})
    size = len(people)
    people["channel"] = rng.choice(len(world.CHANNELS), size, p=[c.share for c in world.CHANNELS])
    people["demand"] = rng.choice(len(world.DEMANDS), size, p=[d.share for d in world.DEMANDS])
    people["project"] = rng.integers(0, len(world.PROJECTS), size)
    people["layout"] = rng.choice(len(world.LAYOUTS), size, p=[share for *_, share in world.LAYOUTS])
    people["agent"] = world.assign_agents(rng, staff, size)
    people["purpose"] = _purposes(rng, people["demand"].to_numpy())
    people["budget"], people["budget_tier"] = _budgets(rng, people)
    return _with_latents(people, config, staff)


def _arrivals(rng: np.random.Generator, config: DemoConfig) -> Floats:
    """First contacts follow the season: `config.people` of them by the last day, and the same rate after it. Sorted.

    The latest second of each day is left free for what follows it.
    """
    weights = day_factors(config)
    exported, tail = weights[: config.days], weights[config.days :]
    days = rng.choice(config.days, config.people, p=exported / exported.sum())
    if len(tail):
        later = rng.choice(len(tail), round(config.people * tail.sum() / exported.sum()), p=tail / tail.sum())
        days = np.concatenate([days, config.days + later])
    return np.sort(days + rng.random(len(days)) * 0.98)


def _purposes(rng: np.random.Generator, demand: Integers) -> np.ndarray:
    purposes = np.empty(len(demand), dtype=object)
    for code, kind in enumerate(world.DEMANDS):
        rows = demand == code
        purposes[rows] = rng.choice(list(kind.purposes), rows.sum(), p=list(kind.purposes.values()))
    return purposes


def _budgets(rng: np.random.Generator, people: pd.DataFrame) -> tuple[Floats, Integers]:
    price = world.PROJECT_PRICE[people["project"]] * world.LAYOUT_AREA[people["layout"]]
    rents = people["demand"].to_numpy() == world.RENT
    budget = price * np.where(rents, world.MONTHLY_RENT_PER_PRICE, 1) * rng.lognormal(0, 0.18, len(people))
    sale, rent = np.digitize(budget, TIER_BOUNDS_SALE), np.digitize(budget, TIER_BOUNDS_RENT)
    return budget, np.where(rents, rent, sale)


def _with_latents(people: pd.DataFrame, config: DemoConfig, staff: pd.DataFrame) -> pd.DataFrame:
    rng = stream(config.seed, "latents")
    latents, size = config.latents, len(people)
    intent = rng.standard_normal(size)
    leaving = latents.correlation * intent + np.sqrt(1 - latents.correlation**2) * rng.standard_normal(size)
    channel, demand, tier = people["channel"], people["demand"], people["budget_tier"]
    shift_intent = (
        np.array([c.intent for c in world.CHANNELS])[channel]
        + np.array([d.intent for d in world.DEMANDS])[demand]
        + TIER_SHIFT_INTENT[tier]
    )
    shift_dropout = (
        np.array([c.dropout for c in world.CHANNELS])[channel]
        + np.array([d.dropout for d in world.DEMANDS])[demand]
        + TIER_SHIFT_DROPOUT[tier]
        + latents.agent_skill_on_dropout * staff["skill"].to_numpy()[people["agent"]]
    )
    people["z_intent"], people["z_dropout"] = intent, leaving
    people["log_event_median"] = np.log(latents.event_rate_median) + shift_intent
    people["log_dropout_median"] = np.log(latents.dropout_rate_median) + shift_dropout
    people["event_rate"] = np.exp(people["log_event_median"] + latents.event_rate_sigma * intent)
    people["dropout_rate"] = np.exp(people["log_dropout_median"] + latents.dropout_rate_sigma * leaving)
    people["dropout"] = people["arrival"] + rng.exponential(1 / people["dropout_rate"].to_numpy())
    return people
