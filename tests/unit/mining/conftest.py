"""Customers in four distinct groups, in the columns that mining reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


def _customers(rows: int = 600, seed: int = 3) -> pd.DataFrame:
    """Quiet prospects, active prospects, renters with a deal, investors with a subscription."""
    chance = np.random.default_rng(seed)
    group = chance.choice(4, rows, p=[0.5, 0.2, 0.2, 0.1])
    active, signed, invests = group == 1, group == 2, group == 3
    return pd.DataFrame(
        {
            "customer_key": [f"crm:{number:05d}" for number in range(rows)],
            "frequency": signed.astype(int),
            "monetary_total": np.where(signed, chance.lognormal(8.5, 0.2, rows), 0.0),
            "subscriptions_total": invests.astype(int),
            "days_since_customer_event": np.where(
                active, chance.integers(0, 20, rows), chance.integers(250, 500, rows)
            ),
            "days_since_first_known": 600,
            "customer_events_90d": np.where(active, chance.integers(8, 14, rows), 0),
            "customer_events_total": np.where(active, chance.integers(15, 25, rows), chance.integers(1, 4, rows)),
            "viewings_total": np.where(active, chance.integers(4, 8, rows), 0),
            "demand_type": np.select([signed, invests], ["rent", "invest"], "buy"),
            "purpose": np.where(invests, "investment", "own_use"),
            "first_channel": chance.choice(["online/portal", "offline/walk_in"], rows),
            "district": chance.choice(["静安区", "宝山区", "松江区"], rows),
            "layout": chance.choice(["一室", "两室"], rows),
            "budget_max_wan": np.where(signed, chance.lognormal(0, 0.1, rows), chance.lognormal(6, 0.2, rows)),
            "is_dormancy_available": True,
        }
    )


@pytest.fixture(scope="session")
def make_customers() -> Callable[..., pd.DataFrame]:
    return _customers


@pytest.fixture
def customers() -> pd.DataFrame:
    return _customers()
