"""A question that is not offered has a reason."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from pipelines.scoring.offers import PURCHASE_SILENCE, refusal


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute(
            "CREATE TABLE core.repeat_buying__by_as_of AS SELECT * FROM (VALUES "
            "(DATE '2026-06-30', 1020, 0.09, 100, 0.25, 365, false), "
            "(DATE '2026-07-01', 1020, 0.25, 100, 0.25, 365, true), "
            "(DATE '2026-07-02', 0, NULL, 100, 0.25, 365, false)"
            ") AS t(as_of, buyers, repeat_share, repeat_min_buyers, repeat_min_share, repeat_within_days, is_offered)"
        )
        yield connection


def test_purchase_silence_is_refused_with_the_share_and_the_minimum_of_the_rules(warehouse):
    assert refusal(warehouse, PURCHASE_SILENCE, date(2026, 6, 30)).reason == (
        "not offered: 9 % of 1,020 buyers bought again within 365 days, 25 % of at least 100 are asked for"
    )
    assert refusal(warehouse, PURCHASE_SILENCE, date(2026, 7, 1)) is None
    assert refusal(warehouse, PURCHASE_SILENCE, date(2026, 7, 2)).reason.startswith("not offered: 0 % of 0 buyers")


def test_other_questions_are_offered_in_every_home(warehouse):
    assert refusal(warehouse, "dormancy", date(2026, 6, 30)) is None
