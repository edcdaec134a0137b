"""Transactions, listings, agents and costs as an agency's systems export them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import NULL, Floats, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.exports.crm_exports import clock, lead_ids, money, numbered, property_ids
from pipelines.demo.world import market
from pipelines.demo.world.history import History


def transactions(history: History, config: DemoConfig) -> pd.DataFrame:
    """Row: deal step, in order of time. A step refers to the step before it; the files have no id of deals."""
    steps = history.steps
    ids = pd.Series(numbered("T", np.arange(len(steps)), 6), index=pd.MultiIndex.from_frame(steps[["deal", "kind"]]))
    parent = pd.MultiIndex.from_frame(steps[["deal", "parent"]])
    of = history.deals.loc[steps["deal"]]
    return pd.DataFrame(
        {
            "transaction_id": ids.to_numpy(),
            "lead_id": lead_ids(of["record"].to_numpy()),
            "occurred_at": clock(steps["t"].to_numpy(), config),
            "entered_at": clock(steps["t"].to_numpy(), config),
            "kind": steps["kind"].str.split(" ").str[0].to_numpy(),
            "amount": money(steps["amount"].to_numpy(dtype=float)),
            "commission": money(steps["commission"].to_numpy(dtype=float)),
            "property_id": property_ids(of["listing"].to_numpy()),
            "related_transaction_id": ids.reindex(parent).to_numpy(dtype=object),
            "agent_id": history.staff["agent_id"].to_numpy()[of["agent"]],
            "lease_end": _days(steps["lease_end"].to_numpy(), config),
            "payment_plan": steps["plan"].to_numpy(dtype=object),
        }
    ).replace({np.nan: None})


def listings(frame: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: listing. `use`: sale or rent. `list_price`: CNY, per month for rent."""
    return pd.DataFrame(
        {
            "property_id": property_ids(np.arange(len(frame))),
            "project": np.array([project.name for project in market.PROJECTS])[frame["project"]],
            "district": np.array([project.district for project in market.PROJECTS])[frame["project"]],
            "layout": np.array([name for name, *_ in market.LAYOUTS])[frame["layout"]],
            "area": frame["area"].to_numpy(),
            "list_price": frame["list_price"].to_numpy(),
            "use": np.where(frame["rents"], "rent", "sale"),
            "listed_from": _dates(frame["listed"].to_numpy(), config),
            "listed_to": _dates(frame["delisted"].to_numpy(), config),
            "entered_at": _midnight(_dates(frame["listed"].to_numpy(), config)),
        }
    )


def agents(staff: pd.DataFrame) -> pd.DataFrame:
    """Row: agent, without latent values."""
    return pd.DataFrame(
        {
            "agent_id": staff["agent_id"],
            "name": staff["name"],
            "team": staff["team"],
            "capacity_per_day": staff["capacity_per_day"].astype(str),
            "hired_on": np.datetime_as_string(staff["hired_on"].to_numpy(), unit="D"),
            "entered_at": _midnight(staff["hired_on"].to_numpy()),
        }
    )


def costs(records: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: month x channel, CNY. Costs are roughly proportional to the leads of the channel."""
    rng = stream(config.seed, "costs")
    days = np.datetime64(config.start, "D") + records["created"].to_numpy().astype(int)
    first, last = (np.datetime64(day, "M") for day in (config.start, config.last_day))
    months = np.arange(first, last + 1)
    counts = np.zeros((len(months), len(market.CHANNELS)))
    np.add.at(counts, ((days.astype("datetime64[M]") - first).astype(int), records["channel"].to_numpy()), 1)
    price = np.array([channel.cost_per_lead for channel in market.CHANNELS])
    spend = np.round((counts + 1) * price * rng.lognormal(0, 0.15, counts.shape), 2)
    return pd.DataFrame(
        {
            "month": np.repeat(np.datetime_as_string(months.astype("datetime64[D]"), unit="D"), len(market.CHANNELS)),
            "channel": np.tile([channel.code for channel in market.CHANNELS], len(months)),
            "amount": money(spend.ravel()),
            "entered_at": _midnight(np.repeat(months.astype("datetime64[D]"), len(market.CHANNELS))),
        }
    )


def _midnight(days: np.ndarray) -> np.ndarray:
    """The start of each day as local text."""
    return np.datetime_as_string(days.astype("datetime64[D]"), unit="D").astype(object) + " 00:00:00"


def _dates(days: Floats, config: DemoConfig) -> np.ndarray:
    whole = np.where(np.isnan(days), 0, days).astype(np.int64)
    return np.where(np.isnan(days), np.datetime64("NaT", "D"), np.datetime64(config.start, "D") + whole)


def _days(days: Floats, config: DemoConfig) -> np.ndarray:
    return np.where(np.isnan(days), NULL, np.datetime_as_string(_dates(days, config), unit="D").astype(object))
