"""Each step of a deal counts in its own month, in its own currency, whatever follows it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.dbt.compiled import Compiled, Rows
from tests.integration.dbt.warehouse import landed

AS_OF = date(2026, 1, 31)
DEALS = "SELECT * FROM measures.int_kpi_deals ORDER BY ALL"
FAULT = [
    {"transaction_id": "t1", "deal_id": "D1", "lead_id": "A", "day": date(2025, 1, 10), "kind": "rental",
     "amount": 120_000, "lease_end": date(2026, 1, 9)},
    {"transaction_id": "t2", "deal_id": "D1", "lead_id": "A", "day": date(2026, 1, 5), "kind": "renewal",
     "amount": 126_000, "lease_end": date(2027, 1, 9)},
    {"transaction_id": "t3", "deal_id": "D2", "lead_id": "B", "day": date(2025, 1, 12), "kind": "rental",
     "amount": 120_000, "lease_end": date(2026, 1, 11)},
]  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return Compiled(
        tmp_path_factory.mktemp("dbt"), "kpi_monthly", "grade_performance", "customer_purchase_history", "grade_reasons"
    )


def noon(day: date) -> datetime:
    """In Shanghai, as UTC without offset."""
    return datetime.combine(day, time(4))


def rows_of(
    steps: Sequence[dict[str, Any]], graded: Sequence[date] = (), contacts: Sequence[dict[str, Any]] = ()
) -> Rows:
    """One lead per `lead_id`, known since 2024-12-01; `graded`: earlier days on which all of them were graded C."""
    leads = sorted({step["lead_id"] for step in [*steps, *contacts]})
    entities: dict[str, list[dict[str, Any]]] = {
        "leads": [{"lead_id": lead, "row_key": lead, "created_at": noon(date(2024, 12, 1))} for lead in leads],
        "interactions": [
            {"lead_id": row["lead_id"], "occurred_at": noon(row["day"]), "kind": "enquiry", "direction": "in"}
            for row in contacts
        ],
        "transactions": [
            {"currency": "CNY", **{name: value for name, value in step.items() if name != "day"},
             "row_key": step.get("transaction_id", f"line-{number}"), "occurred_at": noon(step["day"])}
            for number, step in enumerate(steps)
        ],
    }  # fmt: skip
    keys = [f"crm:{lead}" for lead in leads]
    return {
        "scope.as_of_dates": [{"as_of": AS_OF}],
        "scope.run": [
            {"run_id": "run", "publication_as_of": AS_OF, "rule_version": "rules", "published_at": noon(AS_OF)}
        ],
        "landing.sources": [{"source": "crm", "interactions": True, "transactions": True}],
        "identity.customer_records": [{"as_of": AS_OF, "record_key": key, "customer_key": key} for key in keys],
        "identity.customers": [{"customer_key": key, "customer_id": key} for key in keys],
        "ledger.grades": [
            {"customer_key": key, "graded_as_of": day, "grade": "C", "score": 1.0, "rule_version": "rules"}
            for key in keys
            for day in graded
        ],
    } | {
        f"landing.{entity}": [landed(entity, row, number) for number, row in enumerate(rows)]
        for entity, rows in entities.items()
    }  # fmt: skip


def months(models: Compiled, columns: str) -> dict[str, tuple]:
    """What `kpi_monthly` says of all in the months in which something was signed or cancelled."""
    rows = models.query(
        f"SELECT strftime(month, '%Y-%m') AS month, {columns} FROM marts.kpi_monthly "
        "WHERE dimension = 'all' AND (signed_deals > 0 OR cancellations > 0 OR contribution_cny != 0) ORDER BY month"
    )
    return {row.pop("month"): tuple(row.values()) for row in rows}


def test_a_renewal_leaves_the_month_of_the_first_lease_alone(models: Compiled) -> None:
    models.run(rows_of(FAULT))
    assert months(models, "signed_deals, renewals, repeat_deals, contribution_cny") == {
        "2025-01": (2, 0, 0, Decimal(19_200)),
        "2026-01": (1, 1, 1, Decimal(3_150)),
    }


def test_outcomes_of_earlier_grades_keep_the_first_lease(models: Compiled) -> None:
    days = [date(2025, 1, 1), date(2025, 10, 20)]
    models.run(rows_of(FAULT, graded=days))
    assert models.query(
        "SELECT graded_as_of, contribution_sum, signed_deals FROM marts.grade_performance "
        "WHERE graded_as_of < DATE '2026-01-01' ORDER BY graded_as_of"
    ) == [
        {"graded_as_of": days[0], "contribution_sum": Decimal(19_200), "signed_deals": 2},
        {"graded_as_of": days[1], "contribution_sum": Decimal(3_150), "signed_deals": 1},
    ]


def test_value_growth_compares_the_last_graded_days_of_two_months(models: Compiled) -> None:
    rows = rows_of(FAULT)
    graded = {"grade": "C", "rule_version": "rules", "customer_key": "crm:A"}
    models.run({**rows, "ledger.grades": [
        {**graded, "graded_as_of": date(2025, 10, 30), "score": 900.0},
        {**graded, "graded_as_of": date(2025, 10, 31), "score": 100.0},
        {**graded, "graded_as_of": date(2025, 10, 31), "score": 300.0, "customer_key": "crm:B"},
        {**graded, "graded_as_of": date(2025, 11, 30), "score": 250.0},
        {**graded, "graded_as_of": date(2026, 1, 30), "score": 250.0},
    ]})  # fmt: skip
    found = models.query(
        "SELECT strftime(month, '%m') AS month, graded_customers, expected_value_cny, clv_growth "
        "FROM marts.kpi_monthly WHERE dimension = 'all' AND month BETWEEN '2025-09-01' AND '2025-12-01' ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("09", 0, None, None), ("10", 2, 400, None), ("11", 1, 250, 0.25), ("12", 0, None, None)
    ]  # fmt: skip


def test_a_tenant_is_no_open_customer_between_the_lease_and_its_renewal(models: Compiled) -> None:
    models.run(rows_of(FAULT, contacts=[{"lead_id": "A", "day": date(2025, 1, 2)}]))
    found = models.query(
        "SELECT sum(open_at_start) AS open_at_start, sum(dormant_customers) AS dormant FROM marts.kpi_monthly "
        "WHERE dimension = 'all' AND month > DATE '2025-01-01'"
    )
    assert found == [{"open_at_start": 0, "dormant": 0}]


@pytest.mark.parametrize(
    ("reversal", "expected"),
    [
        # Of the deal: the latest signature before it goes first.
        ({"deal_id": "D1", "amount": 126_000}, {"2025-01": (2, 0, 19_200), "2026-01": (0, 1, 0)}),
        ({"deal_id": "D1", "amount": 63_000}, {"2025-01": (2, 0, 19_200), "2026-01": (1, 1, 1_575)}),
        ({"deal_id": "D1", "amount": 246_000}, {"2025-01": (1, 0, 9_600), "2026-01": (0, 1, 0)}),
        # Of a step: that step, whatever has been signed since.
        ({"related_transaction_id": "t1", "deal_id": "D1", "amount": 120_000},
         {"2025-01": (1, 0, 9_600), "2026-01": (1, 1, 3_150)}),
        # Of no deal: the step of that amount; without one it counts by itself.
        ({"amount": 126_000}, {"2025-01": (2, 0, 19_200), "2026-01": (0, 1, 0)}),
        ({"amount": 50_000}, {"2025-01": (2, 0, 19_200), "2026-01": (1, 1, 2_150)}),
    ],
)  # fmt: skip
def test_a_cancellation_counts_in_its_month_and_takes_back_that_of_the_signature(
    reversal: dict, expected: dict, models: Compiled
) -> None:
    cancelled = {"transaction_id": "x", "lead_id": "A", "day": date(2026, 1, 20), "kind": "cancellation", **reversal}
    models.run(rows_of([*FAULT, cancelled]))
    found = months(models, "signed_deals, cancellations, contribution_cny")
    assert found == {month: (*counts, Decimal(sums)) for month, (*counts, sums) in expected.items()}


def test_amounts_of_two_currencies_are_summed_as_cny_alone(models: Compiled) -> None:
    sale = {"lead_id": "A", "deal_id": "D", "day": date(2025, 3, 1), "kind": "sale", "amount": 100_000}
    models.run(rows_of([
        {**sale, "transaction_id": "usd", "currency": "USD"},
        {**sale, "transaction_id": "cny", "day": date(2025, 4, 1)},
        {**sale, "transaction_id": "one", "deal_id": "E", "lead_id": "B", "currency": "USD"},
    ]))  # fmt: skip
    assert models.query(
        "SELECT deal_key, currency, net_amount, contribution_cny FROM core.deals ORDER BY deal_key"
    ) == [
        {"deal_key": "crm:D", "currency": None, "net_amount": None, "contribution_cny": Decimal(16_400)},
        {"deal_key": "crm:E", "currency": "USD", "net_amount": Decimal(100_000), "contribution_cny": Decimal(14_400)},
    ]
    assert models.query(
        "SELECT currency, repeat_monetary_mean FROM marts.customer_purchase_history ORDER BY customer_id"
    ) == [{"currency": None, "repeat_monetary_mean": None}, {"currency": "USD", "repeat_monetary_mean": 0}]


def test_a_currency_without_a_rate_is_counted_and_enters_no_sum(models: Compiled) -> None:
    sale = {"lead_id": "A", "day": date(2025, 3, 1), "kind": "sale", "amount": 100_000}
    models.run(rows_of([{**sale, "transaction_id": "t", "currency": "XTS"}, {**sale, "transaction_id": "u"}]))
    assert months(models, "signed_deals, contribution_cny") == {"2025-03": (2, Decimal(2_000))}
    assert models.query("SELECT frequency, monetary_total, monetary_mean FROM core.customer_rfm__by_as_of") == [
        {"frequency": 2, "monetary_total": Decimal(2_000), "monetary_mean": Decimal(2_000)}
    ]


def margins(models: Compiled, component: str) -> list[float]:
    rows = models.query(f"SELECT DISTINCT margin_cny FROM marts.grade_reasons WHERE component = '{component}'")
    return [float(row["margin_cny"]) for row in rows]


def test_a_year_of_small_deals_outweighs_the_margin_of_the_rules(models: Compiled) -> None:
    """No deal is a year old yet, and half of the customers have none."""
    sales = [
        {"lead_id": f"L{number:03}", "day": date(2025, 2, 1) + timedelta(days=number % 360), "kind": "sale",
         "amount": 10_000 + 100 * (number % 100)}
        for number in range(300)
    ]  # fmt: skip
    others = [{"lead_id": f"M{number:03}", "day": date(2026, 1, 2)} for number in range(300)]
    mean = sum(sale["amount"] for sale in sales) * 0.02 / len(sales)
    models.run(rows_of(sales, contacts=others))
    assert margins(models, "next_deal") == pytest.approx([mean], rel=0.02)


def test_margins_of_the_rules_hold_until_deals_tell(models: Compiled) -> None:
    sale = {"lead_id": "A", "day": date(2025, 2, 1), "kind": "sale", "amount": 10_000}
    models.run(rows_of([sale], contacts=[{"lead_id": "B", "day": date(2026, 1, 2)}]))
    (margin,) = margins(models, "next_deal")
    assert 40_000 < margin < 50_000


DAYS = [date(2025, 1, 10), date(2025, 1, 11), date(2025, 3, 1), date(2025, 8, 20), date(2026, 1, 5)]


def drawn(chance: random.Random) -> list[dict[str, Any]]:
    """Six customers whose deals begin with a lease or a sale; what follows may reverse them."""
    steps: list[dict[str, Any]] = []
    for number in range(25):
        common = {
            "lead_id": chance.choice("ABCDEF"), "deal_id": chance.choice([f"D{number}", None]),
            "currency": chance.choice(["CNY", "CNY", "USD"]),
        }  # fmt: skip
        for index, day in enumerate(sorted(chance.choices(DAYS, k=chance.randint(1, 4)))):
            kinds = ["rental", "sale"] if index == 0 else ["renewal", "sale", "refund", "cancellation"]
            steps.append({
                **common, "transaction_id": f"{number}-{index}", "day": day, "kind": chance.choice(kinds),
                "amount": chance.choice([0, 100, 120, 3_000]),
                "related_transaction_id": f"{number}-0" if index and chance.random() < 0.5 else None,
            })  # fmt: skip
    return steps


@pytest.mark.parametrize("seed", range(4))
def test_months_add_up_and_a_renewal_changes_no_earlier_month(seed: int, models: Compiled) -> None:
    chance = random.Random(seed)
    steps = drawn(chance)
    models.run(rows_of(steps))
    before = models.query(DEALS)
    total = "SELECT sum({}) AS total FROM {}"
    assert models.query(total.format("contribution_cny", "measures.int_kpi_deals")) == models.query(
        total.format("monetary_total", "core.customer_rfm__by_as_of")
    )
    assert models.query(
        "SELECT count(*) AS found FROM core.deals WHERE contribution_cny < 0 AND NOT is_unmatched_reversal"
    ) == [{"found": 0}]

    renewal = {**steps[0], "transaction_id": "later", "kind": "renewal", "day": AS_OF, "amount": 120}
    later = [*steps, renewal]
    chance.shuffle(later)
    models.run(rows_of(later))
    assert [row for row in models.query(DEALS) if row["counted_on"] < AS_OF] == before
