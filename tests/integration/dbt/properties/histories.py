"""Histories of customers full of ties and edges, drawn by hypothesis, and what must be said of their deals."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pipelines.home.settings import DBT_PROJECT
from tests.integration.dbt.compiled import Rows
from tests.integration.dbt.warehouse import landed

AS_OF = date(2025, 6, 30)
KNOWN_DAYS = 1_200
COMMISSION = Decimal("0.02")

# Few days and amounts, so that many are equal; the days lie on both sides of the breaks.
_days = st.sampled_from([0, 1, 29, 30, 31, 60, 89, 90, 91, 365, 366, 1095, 1096])
_amounts = st.sampled_from([Decimal(0), Decimal(200_000), Decimal(250_000), Decimal(4_000_000)])


@dataclass(frozen=True)
class Deal:
    """`opened`, `signed`, `reversed`: days before as_of, each at most the one before, or None."""

    opened: int | None
    signed: int | None
    reversed: int | None
    names_its_deal: bool
    amount: Decimal

    @property
    def stands(self) -> bool:
        return self.signed is not None and self.reversed is None


@dataclass(frozen=True)
class History:
    """One customer. `contacts`: days before as_of and kind."""

    deals: tuple[Deal, ...]
    contacts: tuple[tuple[int, str], ...]
    stated_intent: str | None
    intent: float | None
    budget_max: Decimal | None

    @property
    def is_certain(self) -> bool:
        """Whether each reversal names its deal, so that nothing has to be matched."""
        return all(deal.reversed is None or deal.names_its_deal for deal in self.deals)

    @property
    def standing(self) -> list[Deal]:
        return [deal for deal in self.deals if deal.stands]

    @property
    def contribution(self) -> Decimal:
        return sum((deal.amount * COMMISSION for deal in self.standing), Decimal(0))


@st.composite
def _deals(draw: Callable) -> Deal:
    days = sorted(draw(st.lists(_days, min_size=3, max_size=3)), reverse=True)
    shape = draw(st.sampled_from(["opened", "given_back", "signed", "signed", "signed_only", "cancelled"]))
    return Deal(
        opened=None if shape == "signed_only" else days[0],
        signed=None if shape in ("opened", "given_back") else days[1],
        reversed=days[2] if shape in ("given_back", "cancelled") else None,
        names_its_deal=draw(st.booleans()) or draw(st.booleans()),
        amount=draw(_amounts),
    )


histories = st.builds(
    History,
    deals=st.lists(_deals(), max_size=4).map(tuple),
    contacts=st.lists(
        st.tuples(_days, st.sampled_from(["enquiry", "viewing", "call", "complaint", "survey", "referral"])), max_size=3
    ).map(tuple),
    stated_intent=st.sampled_from([None, "high", "A", "B+", "C-", "D", "perhaps"]),
    intent=st.sampled_from([None, 0.05, 0.1, 0.3]),
    budget_max=st.sampled_from([None, Decimal(0), Decimal(2_000_000), Decimal(9_000_000)]),
)


def rows_of(customers: list[History], shuffled: random.Random | None = None) -> Rows:
    """What Python would hand to dbt for these customers, one lead each, in this order or another."""
    entities: dict[str, list[dict[str, Any]]] = {"leads": [], "interactions": [], "transactions": []}
    for number, customer in enumerate(customers):
        for entity, row in _landed(f"L{number:03}", customer):
            entities[entity].append({**row, "row_key": f"{entity}-{len(entities[entity])}", "content_hash": "0"})
    keys = [f"crm:L{number:03}" for number in range(len(customers))]
    tables: dict[str, list[dict[str, Any]]] = {
        "scope.as_of_dates": [{"as_of": AS_OF}],
        "scope.run": [{"run_id": "run", "publication_as_of": AS_OF, "rule_version": "rules", "published_at": _at(0)}],
        "landing.sources": [{"source": "crm", "interactions": True, "transactions": True}],
        "identity.customer_records": [{"as_of": AS_OF, "record_key": key, "customer_key": key} for key in keys],
        "identity.customers": [{"customer_key": key, "customer_id": key} for key in keys],
        "scoring.scores": [
            {"target": "intent", "customer_key": key, "as_of": AS_OF, "horizon_days": 90, "model_version": "m",
             "probability_source": "model", "probability": customer.intent}
            for key, customer in zip(keys, customers, strict=True)
            if customer.intent is not None
        ],
    }  # fmt: skip
    if shuffled:
        for rows in [*entities.values(), *tables.values()]:
            shuffled.shuffle(rows)
    return tables | {
        f"landing.{entity}": [landed(entity, row, number) for number, row in enumerate(rows)]
        for entity, rows in entities.items()
    }


def _landed(lead: str, customer: History) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "leads", {"lead_id": lead, "created_at": _at(KNOWN_DAYS), "stated_intent": customer.stated_intent,
                    "budget_max": customer.budget_max, "currency": "CNY"}  # fmt: skip
    for days, kind in customer.contacts:
        yield "interactions", {"lead_id": lead, "occurred_at": _at(days), "kind": kind, "direction": "in"}
    for number, deal in enumerate(customer.deals):
        steps = [
            ("o", "subscription", deal.opened, Decimal(50_000), None),
            ("s", "sale", deal.signed, deal.amount, deal.opened is not None and "o"),
            ("r", "refund" if deal.signed is None else "cancellation", deal.reversed,
             Decimal(50_000) if deal.signed is None else deal.amount,
             deal.names_its_deal and ("o" if deal.signed is None else "s")),
        ]  # fmt: skip
        for step, kind, days, amount, names in steps:
            if days is not None:
                yield "transactions", {
                    "transaction_id": f"{lead}-{number}-{step}", "lead_id": lead, "occurred_at": _at(days),
                    "kind": kind, "amount": amount, "currency": "CNY",
                    "related_transaction_id": f"{lead}-{number}-{names}" if names else None,
                }  # fmt: skip


def _at(days_ago: int) -> datetime:
    """Noon in Shanghai, as UTC without offset."""
    return datetime.combine(AS_OF - timedelta(days=days_ago), time(4))


def rules(name: str) -> list[dict[str, str]]:
    """The rows of a rules table as they are written."""
    path = DBT_PROJECT / "seeds" / "rules" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_band(value: Decimal | float, bands: list[dict[str, str]], low: str, high: str) -> dict[str, str]:
    """The one half-open band that holds the value. Raises ValueError if there is none or another one."""
    (band,) = [
        band
        for band in bands
        if (not band[low] or Decimal(band[low]) <= Decimal(value))
        and (not band[high] or Decimal(value) < Decimal(band[high]))
    ]
    return band
