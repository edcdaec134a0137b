"""People: arrival, demand, and the two latent rates that determine their future."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Floats, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import market
from pipelines.demo.world.season import day_factors

TIER_SHIFT_INTENT = np.array([0.05, 0.0, -0.10])
TIER_SHIFT_DROPOUT = np.array([0.15, 0.0, -0.15])
TIER_BOUNDS_SALE = (4_000_000, 8_000_000)
TIER_BOUNDS_RENT = (5_000, 10_000)


def make_people(config: DemoConfig, staff: pd.DataFrame) -> pd.DataFrame:
    """Row: person.

    `arrival` and `dropout`: days since the start. `event_rate` and `dropout_rate`: per day. `log_..._median`: median of
    the logarithm of the rate for the person's channel, demand, budget and agent.

    `channel`, `demand`, `project`, `layout` and `agent` are positions in their tables; `budget` is CNY, per month
    for tenants.
    """
    rng = stream(config.seed, "people")
    people = pd.DataFrame({"arrival": _arrivals(rng, config)})
    size = len(people)
    people["channel"] = rng.choice(len(market.CHANNELS), size, p=[c.share for c in market.CHANNELS])
    people["demand"] = rng.choice(len(market.DEMANDS), size, p=[d.share for d in market.DEMANDS])
    people["project"] = rng.integers(0, len(market.PROJECTS), size)
    people["layout"] = rng.choice(len(market.LAYOUTS), size, p=[share for *_, share in market.LAYOUTS])
    people["agent"] = market.assign_agents(rng, staff, size)
    people["purpose"] = _purposes(rng, people["demand"].to_numpy())
    people["budget"], people["budget_tier"] = _budgets(rng, people)
    return _with_latents(people, config, staff)


def _arrivals(rng: np.random.Generator, config: DemoConfig) -> Floats:
    """Sorted times of first contacts by the season: `config.people` by the last day, and the same rate after it.

    The last seconds of each day are left free for the events that follow.
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
    for code, kind in enumerate(market.DEMANDS):
        rows = demand == code
        purposes[rows] = rng.choice(list(kind.purposes), rows.sum(), p=list(kind.purposes.values()))
    return purposes


def _budgets(rng: np.random.Generator, people: pd.DataFrame) -> tuple[Floats, Integers]:
    price = market.PROJECT_PRICE[people["project"]] * market.LAYOUT_AREA[people["layout"]]
    rents = people["demand"].to_numpy() == market.RENT
    budget = price * np.where(rents, market.MONTHLY_RENT_PER_PRICE, 1) * rng.lognormal(0, 0.18, len(people))
    sale, rent = np.digitize(budget, TIER_BOUNDS_SALE), np.digitize(budget, TIER_BOUNDS_RENT)
    return budget, np.where(rents, rent, sale)


def _with_latents(people: pd.DataFrame, config: DemoConfig, staff: pd.DataFrame) -> pd.DataFrame:
    rng = stream(config.seed, "latents")
    latents, size = config.latents, len(people)
    intent = rng.standard_normal(size)
    leaving = latents.correlation * intent + np.sqrt(1 - latents.correlation**2) * rng.standard_normal(size)
    channel, demand, tier = people["channel"], people["demand"], people["budget_tier"]
    shift_intent = (
        np.array([c.intent for c in market.CHANNELS])[channel]
        + np.array([d.intent for d in market.DEMANDS])[demand]
        + TIER_SHIFT_INTENT[tier]
    )
    shift_dropout = (
        np.array([c.dropout for c in market.CHANNELS])[channel]
        + np.array([d.dropout for d in market.DEMANDS])[demand]
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
