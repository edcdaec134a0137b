"""A small town that touches every path: leads, contacts and deals over fourteen months, drawn from one seed."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.integration.dbt.warehouse import Warehouse

START = datetime(2024, 1, 1)  # noqa: DTZ001 - landed times are UTC without offset
CORRECTED = datetime(2024, 12, 10)  # noqa: DTZ001
AS_OF_DATES = [date(2024, 11, 30), date(2024, 12, 31), date(2025, 2, 28)]


def town(path: Path, *, shuffle: int | None = None, leads: int = 60) -> Warehouse:
    """The written warehouse; `shuffle` puts the rows of every landed entity in another order."""
    chance = random.Random(7)
    warehouse = Warehouse(path, AS_OF_DATES)
    people = [_lead(chance, number) for number in range(leads)]
    rows = {
        "leads": people,
        "interactions": [row for lead in people for row in _interactions(chance, lead)],
        "transactions": [row for lead in people for row in _transactions(chance, lead)],
    }
    rows["leads"] += [{**people[0], "budget_max": Decimal(900), "known_at": CORRECTED, "batch_seq": 2}]
    for entity, entries in rows.items():
        for number, row in enumerate(entries):
            row.setdefault("row_key", f"{entity}-{number}")
            row.setdefault("content_hash", f"{number:08d}")
        if shuffle is not None:
            random.Random(shuffle).shuffle(entries)
        warehouse.land(entity, entries)
    warehouse.land("agents", [{"agent_id": f"a{n}", "team": "north" if n else None, "hired_on": START} for n in (0, 1)])
    warehouse.land(
        "costs",
        [{"month": date(2024, month, 1), "channel": channel, "amount": Decimal(100)}
         for month in range(1, 13) for channel in ("portal", "fair")],
    )  # fmt: skip
    _merge_last_two(warehouse, leads)
    _score(warehouse)
    warehouse.put(
        "landing.files",
        [{"batch": "b1", "source": "crm", "file": "leads.csv", "entity": "leads", "lines": leads + 2}],
    )
    warehouse.put(
        "landing.quarantine",
        [
            {
                "batch": "b1",
                "source": "crm",
                "file": "leads.csv",
                "entity": "leads",
                "rule": "required",
                "field": "created_at",
                "rows": 2,
            }
        ],
    )
    warehouse.put(
        "landing.emptied",
        [{"batch": "b1", "source": "crm", "file": "leads.csv", "entity": "leads", "field": "budget_min", "rows": 1,
          "filled": leads}],
    )  # fmt: skip
    warehouse.put(
        "scoring.model_report",
        [{"model_version": "m1", "target": "dormancy", "horizon_days": 90, "model": "logistic", "metric": "pr_auc",
          "segment": "all", "snapshot": date(2024, 11, 30), "value": 0.5, "low": 0.45, "high": 0.55, "bar": 0.4,
          "passed": True}],
    )  # fmt: skip
    warehouse.put(
        "ledger.grades",
        [{"customer_key": f"crm:L{n}", "graded_as_of": date(2024, 10, 31), "grade": "C", "score": 40,
          "rule_version": "rules-0", "model_version": "m0"} for n in range(leads)],
    )  # fmt: skip
    return warehouse.write()


def _lead(chance: random.Random, number: int) -> dict:
    low, high = sorted([Decimal(chance.randrange(50, 900)) * 10000 for _ in range(2)])
    return {
        "lead_id": f"L{number}",
        "row_key": f"L{number}",
        "created_at": START + timedelta(days=chance.randrange(400), seconds=chance.randrange(86400)),
        "channel": chance.choice([" Portal", "walk_in", None]),
        "demand_type": chance.choice(["Buy", "rent", None]),
        "purpose": chance.choice(["first_home", None]),
        "budget_min": high if number % 9 == 0 else low,
        "budget_max": low if number % 9 == 0 else high,
        "currency": chance.choice(["cny", "INR", None]),
        "agent_id": f"a{number % 3}" if number % 7 else None,
        "project": ["East", "West", None][number % 3],
    }


def _interactions(chance: random.Random, lead: dict) -> list[dict]:
    kinds = ["enquiry", "call", "message", "viewing", "complaint", "survey", "referral", "cancellation", "follow_up"]
    return [
        {
            "lead_id": lead["lead_id"],
            "occurred_at": lead["created_at"] + timedelta(seconds=chance.randrange(120 * 86400)),
            "kind": chance.choice(kinds),
            "direction": chance.choice(["in", "out", None]),
            "answered": chance.choice([True, False, None]),
            "satisfaction_score": chance.choice([None, None, 3.0, 5.0]),
        }
        for _ in range(chance.randrange(12))
    ]


def _transactions(chance: random.Random, lead: dict) -> list[dict]:
    name, day = lead["lead_id"], lead["created_at"]
    amount = Decimal(chance.randrange(1, 5)) * 1000000

    def step(key: str, kind: str, days: int, value: Decimal, **more: object) -> dict:
        happened = day + timedelta(days=days)
        return {"transaction_id": f"{name}-{key}", "row_key": f"{name}-{key}", "lead_id": name, "kind": kind,
                "occurred_at": happened, "amount": value, "currency": "CNY", **more}  # fmt: skip

    opened = step("s", "subscription", 5, Decimal(50000))
    signed = step("c", "sale", 20, amount, related_transaction_id=f"{name}-s")
    paths = [
        [], [], [opened], [opened, signed],
        [opened, signed, step("x", "cancellation", 40, amount, related_transaction_id=f"{name}-c")],
        [opened, step("r", "refund", 9, Decimal(50000), related_transaction_id=f"{name}-s")],
        [step("a", "rental", 3, Decimal(6000), lease_end=(day + timedelta(days=190)).date()),
         step("b", "rental", 33, Decimal(6000), lease_end=(day + timedelta(days=400)).date()),
         step("n", "cancellation", 50, Decimal(6000)),
         step("w", "renewal", 100, Decimal(6000), related_transaction_id=f"{name}-a",
              lease_end=(day + timedelta(days=555)).date())],
        [step("u", "refund", 9, Decimal(777))],
        [signed, step("2", "sale", 60, amount, commission=Decimal(90000))],
    ]  # fmt: skip
    return [dict(row) for row in chance.choice(paths)]


def _merge_last_two(warehouse: Warehouse, leads: int) -> None:
    """The last lead turns out to be the last but one, from the second as_of on."""
    warehouse.put(
        "identity.customer_records",
        [
            {"as_of": day, "record_key": f"crm:L{n}", "matched_on": "phone" if merged else None,
             "customer_key": f"crm:L{n - 1}" if merged else f"crm:L{n}"}
            for day in AS_OF_DATES
            for n in range(leads)
            for merged in [n == leads - 1 and day > AS_OF_DATES[0]]
            if _known(warehouse, n, day)
        ],
    )  # fmt: skip
    warehouse.put(
        "identity.links",
        [
            {"as_of": AS_OF_DATES[-1], "customer_key": f"crm:L{leads - 2}", "record_id": "0" * 32,
             "linked_record_id": "1" * 32, "rule": "exact", "evidence": "phone+name", "score": 1.0}
        ],
    )  # fmt: skip
    warehouse.put("identity.customers", [{"customer_key": f"crm:L{n}", "customer_id": f"id-{n}"} for n in range(leads)])


def _known(warehouse: Warehouse, number: int, day: date) -> bool:
    """Whether the lead was known when the day ended in Shanghai, eight hours before UTC."""
    cutoff = datetime.combine(day, datetime.min.time()) + timedelta(hours=16)
    return any(
        row["lead_id"] == f"L{number}" and row["created_at"] < cutoff for row in warehouse.tables["landing.leads"]
    )


def _score(warehouse: Warehouse) -> None:
    """Scores for everyone on every day, of two targets, one of them at two horizons: dbt takes whom it needs."""
    warehouse.put(
        "scoring.scores",
        [
            {"target": target, "customer_key": row["customer_key"], "as_of": row["as_of"], "horizon_days": horizon,
             "model_version": f"{target}-{horizon}", "probability_source": "model",
             "probability": (int(row["customer_key"][5:]) % 10) / 10, "reason_1": "Quiet", "contribution_1": 0.5}
            for row in warehouse.tables["identity.customer_records"]
            if row["customer_key"] == row["record_key"]
            for target, horizon in [("dormancy", 90), ("dormancy", 60), ("intent", 90)]
        ],
    )  # fmt: skip
