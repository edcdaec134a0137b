"""Listings: units that were sold or rented out, and units on the market."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Floats, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import market

UNSOLD_PER_DEAL = 0.4
TRIES = 3


def make_listings(deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> tuple[pd.DataFrame, Integers]:
    """The listings in order of the listing day, and the position of the listing of each deal.

    Columns: project, layout (positions), rents, area (m²), list_price (CNY, per month for rents), listed and delisted
    (days since the start, NaN while on the market).
    """
    rng = stream(config.seed, "listings")
    spare = max(len(market.PROJECTS) * 4, round(len(deals) * UNSOLD_PER_DEAL))
    buyers = people.iloc[deals["person"]]
    gone = deals["signed"].where(deals["cancelled"].isna()).to_numpy()
    gone = np.where(gone < config.horizon, gone, np.nan)
    rents = np.concatenate([deals["rents"].to_numpy(), rng.random(spare) < 0.25])
    project = np.concatenate([buyers["project"].to_numpy(), rng.integers(0, len(market.PROJECTS), spare)])
    layout = np.concatenate([buyers["layout"].to_numpy(), rng.integers(0, len(market.LAYOUTS), spare)])
    area = np.round(market.LAYOUT_AREA[layout] * rng.lognormal(0, 0.08, len(layout)), 1)
    usual = market.PROJECT_PRICE[project] * area * np.where(rents, market.MONTHLY_RENT_PER_PRICE, 1)
    asked = np.concatenate([deals["price"].to_numpy() * rng.uniform(1.0, 1.08, len(deals)), usual[len(deals) :]])
    opened = deals["opened"].to_numpy() - 1 - rng.exponential(60, len(deals))
    listings = pd.DataFrame(
        {
            "project": project,
            "layout": layout,
            "rents": rents,
            "area": area,
            "list_price": np.round(asked / 100) * 100,
            "listed": np.floor(np.concatenate([opened, rng.uniform(-120, config.horizon - 1, spare)])),
            "delisted": np.floor(np.concatenate([gone, np.full(spare, np.nan)])),
        }
    )
    order = np.argsort(listings["listed"].to_numpy(), kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return listings.iloc[order].reset_index(drop=True), position[: len(deals)]


def shown(viewings: pd.DataFrame, people: pd.DataFrame, listings: pd.DataFrame, config: DemoConfig) -> Integers:
    """For each viewing (person, t) a listing on the market of the person's project and use, or -1."""
    rng = stream(config.seed, "shown")
    who = people.iloc[viewings["person"]]
    group = who["project"].to_numpy() * 2 + (who["demand"].to_numpy() == market.RENT)
    listed_group = listings["project"].to_numpy() * 2 + listings["rents"].to_numpy()
    by_group = np.argsort(listed_group, kind="stable")
    span = config.horizon + 10_000.0
    key = (listed_group * span + listings["listed"].to_numpy() + 5_000)[by_group]
    t = viewings["t"].to_numpy()
    begin = np.searchsorted(listed_group[by_group], group)
    count = np.searchsorted(key, group * span + t + 5_000, side="right") - begin
    return _on_market(rng, by_group, begin, count, t, listings["delisted"].fillna(np.inf).to_numpy())


def _on_market(
    rng: np.random.Generator, by_group: Integers, begin: Integers, count: Integers, t: Floats, delisted: Floats
) -> Integers:
    listing = np.full(len(t), -1)
    for _ in range(TRIES):
        last = len(by_group) - 1
        candidate = by_group[np.minimum(begin + (rng.random(len(t)) * np.maximum(count, 1)).astype(int), last)]
        listing = np.where((listing < 0) & (count > 0) & (delisted[candidate] > t), candidate, listing)
    return listing
