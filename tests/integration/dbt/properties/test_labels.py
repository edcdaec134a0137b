"""RFM, ABC and the labels of whatever customers: same rows, same words; one label each; deals counted as they stand."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.properties.histories import Deal, History, histories, in_band, rows_of, rules

many = st.lists(histories, min_size=8, max_size=30)
few_runs = settings(max_examples=6, deadline=None)
TABLES = ("core.customer_rfm__by_as_of", "core.customer_abc", "marts.customer_profile")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return Compiled(tmp_path_factory.mktemp("dbt"), "customer_profile", "customer_abc")


def _key(number: int) -> str:
    return f"crm:L{number:03}"


def _by_key(models: Compiled, table: str, key: str = "customer_key") -> dict[str, dict]:
    rows = models.query(f"SELECT * FROM {table}")
    found = {row[key]: row for row in rows}
    assert len(found) == len(rows)
    return found


@few_runs
@given(customers=many, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_company_of_others_change_nothing(
    customers: list[History], chance: random.Random, models: Compiled
) -> None:
    asked = [f"SELECT * FROM {table} ORDER BY ALL" for table in TABLES]
    models.run(rows_of(customers))
    together = [models.query(question) for question in asked]
    models.run(rows_of(customers, chance))
    assert [models.query(question) for question in asked] == together
    models.run(rows_of(customers[:1]))
    # A value class is a share of all contribution: it alone depends on who else there is.
    for question, rows in [(asked[0], together[0]), (asked[2], together[2])]:
        assert models.query(question) == [row for row in rows if _key(0) in row.values()]


def _check_rfm(customers: list[History], models: Compiled) -> None:
    found = _by_key(models, "core.customer_rfm__by_as_of")
    assert set(found) == {_key(number) for number, customer in enumerate(customers) if customer.deals}
    breaks = {name: [row for row in rules("rfm_breaks") if row["dimension"] == name] for name in "rfm"}
    for number, customer in enumerate(customers):
        if not (customer.deals and customer.is_certain):
            continue
        row, standing = found[_key(number)], customer.standing
        recency = min((deal.signed for deal in standing), default=None)
        mean = (customer.contribution / len(standing)).quantize(Decimal("0.0001")) if standing else None
        assert (row["frequency"], row["recency_days"], row["monetary_total"], row["monetary_mean"]) == (
            len(standing), recency, customer.contribution, mean,
        )  # fmt: skip
        for name, value in {"r": recency, "f": len(standing), "m": mean}.items():
            expected = 1 if value is None else int(in_band(value, breaks[name], "min_value", "max_value")["score"])
            assert row[name] == expected, (name, value)
        assert row["rfm_code"] == f"{row['r']}{row['f']}{row['m']}"


def _check_abc(customers: list[History], models: Compiled) -> None:
    found = _by_key(models, "core.customer_abc")
    brought = {key: row["contribution_cny"] for key, row in found.items()}
    for number, customer in enumerate(customers):
        if customer.is_certain:
            assert brought[_key(number)] == customer.contribution
    total = sum(amount for amount in brought.values() if amount > 0)
    for key, row in found.items():
        larger = sum(amount for amount in brought.values() if amount > brought[key])
        expected = (
            in_band(round(larger / total, 6), rules("abc_cuts"), "min_share", "max_share")["value_class"]
            if brought[key] > 0
            else "C"
        )
        assert row["value_class"] == expected


@few_runs
@given(customers=many)
def test_rfm_and_abc_follow_the_deals_that_stand(customers: list[History], models: Compiled) -> None:
    models.run(rows_of(customers))
    _check_rfm(customers, models)
    _check_abc(customers, models)


def _check_labels(customers: list[History], models: Compiled) -> None:
    found = _by_key(models, "marts.customer_profile", "customer_id")
    assert set(found) == {_key(number) for number in range(len(customers))}
    labels = {(row["dimension"], row["code"]): (row["label_en"], row["label_zh"]) for row in rules("profile_labels")}
    for row in found.values():
        for dimension in {dimension for dimension, _ in labels}:
            assert (dimension, row[dimension]) in labels
            assert (row[f"{dimension}_en"], row[f"{dimension}_zh"]) == labels[dimension, row[dimension]]


def _check_stages(customers: list[History], models: Compiled) -> None:
    found = _by_key(models, "marts.customer_profile", "customer_id")
    for number, customer in enumerate(customers):
        if not customer.is_certain:
            continue
        row = found[_key(number)]
        recency = min((deal.signed for deal in customer.standing), default=None)
        is_open = any(deal.signed is None and deal.reversed is None for deal in customer.deals)
        reversals = [deal.reversed for deal in customer.deals if deal.reversed is not None]
        viewings = [days for days, kind in customer.contacts if kind == "viewing"]
        if recency is not None:
            expected = "signing" if recency <= 30 else "after_sales"
        elif is_open:
            expected = "subscription"
        else:
            expected = "viewing" if viewings and min(viewings) < min(reversals, default=10_000) else "enquiry"
        assert row["stage"] == expected
        assert (row["customer_group"] == "existing") == (recency is not None or is_open)
        # Who has bought is never dormant or lost, who has not is never completed and never returns.
        assert row["lifecycle"] in (
            {"completed", "returning"} if customer.standing else {"in_contact", "dormant", "lost"}
        )
        opened = [deal for deal in customer.deals if deal.opened is not None]
        if len(opened) == 1 and opened[0].reversed is not None and customer.is_certain:
            assert row["subscription_status"] == "reversed"


@few_runs
@given(customers=many)
def test_each_customer_has_one_label_of_each_dimension_and_the_stage_of_what_stands(
    customers: list[History], models: Compiled
) -> None:
    models.run(rows_of(customers))
    _check_labels(customers, models)
    _check_stages(customers, models)


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (_check_rfm, "UPDATE core.customer_rfm__by_as_of SET f = 5 WHERE frequency = 1"),
        (_check_rfm, "UPDATE core.customer_rfm__by_as_of SET frequency = 1 WHERE frequency = 0"),
        (_check_abc, "UPDATE core.customer_abc SET value_class = 'B' WHERE customer_key = 'crm:L001'"),
        (_check_labels, "INSERT INTO marts.customer_profile FROM marts.customer_profile LIMIT 1"),
        (_check_labels, "UPDATE marts.customer_profile SET intent = 'unheard_of'"),
        (_check_labels, "UPDATE marts.customer_profile SET loyalty = NULL"),
        (_check_stages, "UPDATE marts.customer_profile SET stage = 'signing' WHERE customer_id = 'crm:L002'"),
    ],
)
def test_a_spoilt_row_fails_its_check(check: Callable, spoil: str, models: Compiled) -> None:
    amount = Decimal(200_000)
    sold, cancelled = Deal(9, 5, None, True, amount), Deal(9, 5, 2, True, amount)
    customers = [History(deals, (), None, None, None) for deals in [(sold,), (sold,), (cancelled,), ()]]
    models.run(rows_of(customers))
    check(customers, models)
    models.query(spoil)
    with pytest.raises(AssertionError):
        check(customers, models)


def test_every_code_has_one_segment(models: Compiled) -> None:
    codes = models.query("SELECT rfm_code, count(segment) AS segments FROM intermediate.int_rfm_codes GROUP BY ALL")
    assert len(codes) == 125
    assert {row["segments"] for row in codes} == {1}
