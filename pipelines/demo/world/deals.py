"""Deals: which viewing leads to a 认筹 or a lease, and the steps that follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import NULL, Booleans, Floats, logistic, stream
from pipelines.demo.config import Deals, DemoConfig
from pipelines.demo.world import market

STEPS = ("subscription", "deposit", "sale", "rental", "renewal", "refund", "cancellation")
SUBSCRIPTION_AMOUNTS = (10_000, 20_000, 50_000)
COMMISSION_KNOWN = 0.85
PAYMENT_PLANS = {"mortgage": 0.68, "full_payment": 0.20, "instalments": 0.12}
LEASE_DAYS = (365, 182)
RENEWALS = 3
INSTITUTIONS = 0.1
BLOCK_DAYS = 60


def decide(viewings: pd.DataFrame, people: pd.DataFrame, conversion: float, config: DemoConfig) -> pd.DataFrame:
    """Draw the first successful viewing of each need. Row: deal.

    `viewings`: event_row, person, need, t, dropout. `conversion`: factor of the probability of success. Columns:
    event_row, rents; opened (认筹, or the deposit of a lease), signed, deposit, refunded, cancelled: days, NaN if the
    step does not happen; price: CNY, per month for leases.
    """
    rng = stream(config.seed, f"deals {conversion}")
    who = people.iloc[viewings["person"]]
    chance = success((who["demand"] == market.RENT).to_numpy(), who["z_intent"].to_numpy(), conversion, config.deals)
    deals = viewings[rng.random(len(viewings)) < chance].sort_values(["person", "t"]).drop_duplicates("person")
    deals = deals.assign(rents=(people["demand"].to_numpy() == market.RENT)[deals["person"]])
    return _fates(rng, deals, people, config.deals)


def success(rents: Booleans, z_intent: Floats, conversion: float, terms: Deals) -> Floats:
    """The probability that a viewing leads to a deal."""
    base = np.where(rents, terms.per_viewing_tenant, terms.per_viewing) * conversion
    return np.minimum(base * np.exp(terms.intent_on_deal * z_intent), 0.8)


def _fates(rng: np.random.Generator, deals: pd.DataFrame, people: pd.DataFrame, terms: Deals) -> pd.DataFrame:
    size, rents = len(deals), deals["rents"].to_numpy()
    opened = deals["t"].to_numpy() + 0.02
    wait = np.where(rents, 0.05 + rng.exponential(1.5, size), 1 + rng.gamma(2, terms.subscription_to_signing / 2, size))
    signs = (rng.random(size) >= terms.lapse) & (opened + wait < deals["dropout"].to_numpy()) | rents
    signed = np.where(signs, opened + wait, np.nan)
    pays_deposit = signs & (rng.random(size) < terms.deposit_first)
    cancels = signs & (rng.random(size) < terms.cancellation)
    noise = rng.lognormal(0, 0.08, size)
    step = np.where(rents, 100, 1000)
    return deals.assign(
        opened=opened,
        signed=signed,
        deposit=np.where(pays_deposit, opened + np.where(rents, 0, 0.4 * wait), np.nan),
        refunded=np.where(~signs, opened + 3 + rng.gamma(2, 10, size), np.nan),
        cancelled=np.where(cancels, signed + 3 + rng.exponential(terms.signing_to_cancellation, size), np.nan),
        price=np.maximum(np.round(people["budget"].to_numpy()[deals["person"]] * noise / step), 1) * step,
    ).reset_index(drop=True)


def in_blocks(deals: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Turn a share of the deals into deals of institutions, which buy several units within weeks, one deal each."""
    if config.units_per_deal == 1:
        return deals
    rng = stream(config.seed, "blocks")
    units = 1 + rng.geometric(INSTITUTIONS / (config.units_per_deal - 1), len(deals))
    units = np.where(rng.random(len(deals)) < INSTITUTIONS, units, 1)
    rows = deals.loc[deals.index.repeat(units)].reset_index()
    later = np.where(rows["index"].duplicated(), rng.uniform(0, BLOCK_DAYS, len(rows)), 0)
    days = ["opened", "signed", "deposit", "refunded", "cancelled"]
    rows[days] = rows[days].add(later, axis=0)
    return rows.drop(columns="index")


def steps(deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: deal step, in order of time.

    Columns: deal, kind, parent (kind of the step before, or null), t, amount, commission, lease_end (days), plan.
    """
    rng = stream(config.seed, "deal steps")
    size = len(deals)
    rents, price = deals["rents"].to_numpy(), deals["price"].to_numpy()
    has_deposit = deals["deposit"].notna().to_numpy()
    term = np.where(rng.random(size) < 0.8, *LEASE_DAYS)
    months = np.round(term / 30.4)
    earned = np.where(rents, price, price * rng.uniform(0.01, 0.025, size))
    commission = np.where(rng.random(size) < COMMISSION_KNOWN, np.round(earned), np.nan)
    plan = rng.choice(list(PAYMENT_PLANS), size, p=list(PAYMENT_PLANS.values()))
    lease_end = np.floor(deals["signed"].to_numpy()) + term
    sells = ~rents

    subscription = _step(deals, sells, "subscription", None, "opened", rng.choice(SUBSCRIPTION_AMOUNTS, size))
    deposit_parent = np.where(sells, "subscription", NULL)
    deposit_amount = np.where(rents, price, np.round(price * 0.05, -3))
    deposit = _step(deals, has_deposit, "deposit", deposit_parent, "deposit", deposit_amount)
    sale_parent = np.where(has_deposit, "deposit", "subscription")
    sale = _step(deals, sells, "sale", sale_parent, "signed", price, commission=commission, plan=plan)
    rental_parent = np.where(has_deposit, "deposit", NULL)
    lease = {"commission": commission, "lease_end": lease_end}
    rental = _step(deals, rents, "rental", rental_parent, "signed", price * months, **lease)
    refund = _step(deals, sells, "refund", "subscription", "refunded", subscription["amount"].reindex(deals.index))
    cancelled_kind = np.where(rents, "rental", "sale")
    cancelled_amount = np.where(rents, price * months, price)
    cancellation = _step(deals, np.ones(size, bool), "cancellation", cancelled_kind, "cancelled", cancelled_amount)
    renewals = _renewals(rng, deals, people, lease_end, config)
    rows = pd.concat([subscription, deposit, sale, rental, refund, cancellation, *renewals], ignore_index=True)
    return rows[rows["t"] < config.horizon].sort_values(["t", "deal"]).reset_index(drop=True)


def _renewals(
    rng: np.random.Generator, deals: pd.DataFrame, people: pd.DataFrame, lease_end: Floats, config: DemoConfig
) -> list[pd.DataFrame]:
    """Renewals: a tenant renews some weeks before the lease ends, or leaves."""
    stays = deals["rents"].to_numpy() & deals["cancelled"].isna().to_numpy()
    chance = logistic(config.deals.renewal_logit - 0.6 * people["z_dropout"].to_numpy()[deals["person"]])
    price, rows = deals["price"].to_numpy(), []
    for number in range(RENEWALS):
        stays = stays & (rng.random(len(deals)) < chance)
        timed = deals.assign(renewed=lease_end - rng.uniform(5, 35, len(deals)))
        price = np.round(price * rng.uniform(0.98, 1.06, len(deals)), -2)
        lease_end = lease_end + 365
        parent = "rental" if number == 0 else f"renewal {number}"
        rows.append(_step(timed, stays, f"renewal {number + 1}", parent, "renewed", price * 12, lease_end=lease_end))
    return rows


def _step(
    deals: pd.DataFrame, happens: Booleans, kind: str, parent: object, when: str, amount: object, **more: object
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"deal": deals.index, "kind": kind, "parent": parent, "t": deals[when], "amount": amount}
        | {"commission": np.nan, "lease_end": np.nan, "plan": None}
        | more,
        index=deals.index,
    )
    return frame[happens & frame["t"].notna()]
