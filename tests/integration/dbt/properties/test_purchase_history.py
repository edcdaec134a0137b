"""`customer_purchase_history` equals what `lifetimes` makes of the same purchases, at each as_of."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from tests.integration.dbt.warehouse import Warehouse, dbt

AS_OF_DATES = [date(2025, 3, 31), date(2025, 6, 30)]
START = datetime(2025, 1, 1)  # noqa: DTZ001 - landed times are UTC without offset
SHANGHAI = timedelta(hours=8)


def purchases(seed: int) -> list[dict]:
    """Three hundred random purchases: several a day, none, free of charge, and at the edge of midnight."""
    chance = random.Random(seed)
    return [
        {
            "lead_id": f"L{chance.randrange(60)}",
            "occurred_at": START + timedelta(days=chance.randrange(200), hours=chance.choice([15, 16, 3])),
            "kind": chance.choice(["sale", "rental"]),
            "amount": Decimal(chance.randrange(0, 9999)) / 100,
            "currency": "USD",
        }
        for _ in range(300)
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_purchase_history_equals_lifetimes(seed: int, tmp_path: Path) -> None:
    sold = purchases(seed)
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", AS_OF_DATES)
    warehouse.land("leads", [{"lead_id": f"L{n}", "created_at": START} for n in range(60)])
    warehouse.land("transactions", sold)
    dbt(
        warehouse.write().path, tmp_path, "build", "--select", "+customer_purchase_history",
        "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious",
    )  # fmt: skip

    frame = pd.DataFrame(sold).assign(day=lambda rows: (rows["occurred_at"] + SHANGHAI).dt.normalize())
    frame["amount"] = frame["amount"].astype(float)
    for as_of in AS_OF_DATES:
        expected = summary_data_from_transaction_data(
            frame[frame["day"] <= pd.Timestamp(as_of)], "lead_id", "day", monetary_value_col="amount",
            observation_period_end=pd.Timestamp(as_of), freq="D",
        )  # fmt: skip
        found = warehouse.query(
            "SELECT replace(customer_key, 'crm:', ''), repeat_frequency, recency_age_days, tenure_days, "
            f"repeat_monetary_mean FROM core.customer_purchase_history__by_as_of WHERE as_of = '{as_of}'"
        )
        assert len(found) == len(expected) > 40
        for lead, *values in found:
            assert values == pytest.approx(list(expected.loc[lead]), abs=1e-9), lead
