"""The days that a model learns from, and the first day on which a young home can train."""

from datetime import date, timedelta
from itertools import pairwise

import duckdb
import pandas as pd
import pytest

from models.errors import TooLittleHistory
from models.features.targets import TARGETS
from models.learn.rolling import BLOCK, rolling_origins
from models.learn.snapshots import rows_of_last_year, split_by_time
from pipelines.home.settings import Settings
from pipelines.scoring.days import CONTACTS, DEALS, NEEDS, first_possible, question_days, snapshot_days
from pipelines.scoring.snapshots import read_snapshots
from pipelines.scoring.training import waits_for

FIRST = date(2025, 1, 1)
OLD = date(2022, 1, 1)
FROM_CONTACTS, FROM_BOTH, FROM_DEALS = NEEDS["dormancy"], NEEDS["intent"], NEEDS["purchase_silence"]


def begin(contacts, deals):
    return {CONTACTS: contacts, DEALS: deals}


def test_an_old_home_learns_from_month_ends_after_the_longest_window():
    days = snapshot_days(begin(FIRST, None), date(2026, 6, 30))
    assert days[0] == date(2025, 4, 30)
    assert days[-1] == date(2026, 5, 31)
    assert len(days) == 14


def test_a_young_home_learns_from_weeks_and_a_new_home_from_nothing():
    assert snapshot_days(begin(FIRST, None), date(2025, 2, 20)) == [
        date(2025, 1, 29),
        date(2025, 2, 5),
        date(2025, 2, 12),
        date(2025, 2, 19),
    ]
    assert snapshot_days(begin(FIRST, None), FIRST + timedelta(days=28)) == []
    assert snapshot_days(begin(None, None), date(2025, 2, 20)) == []


def test_no_question_learns_from_a_day_before_its_entities_have_warmed_up():
    firsts, through = begin(date(2025, 12, 1), OLD), date(2026, 3, 30)
    bought, quiet, intent = (question_days(needs, firsts, through) for needs in (FROM_DEALS, FROM_CONTACTS, FROM_BOTH))
    assert len(bought) == 24 and bought[0] == date(2024, 3, 31)
    assert quiet == intent and quiet[0] == date(2025, 12, 29) and len(quiet) == 13
    assert snapshot_days(firsts, through) == sorted({*bought, *quiet})
    turned = begin(OLD, date(2025, 12, 1))
    assert question_days(FROM_CONTACTS, turned, through) == bought
    assert question_days(FROM_BOTH, turned, through) == question_days(FROM_DEALS, turned, through) == quiet


def test_entities_that_begin_together_share_their_weeks():
    through, later = date(2025, 2, 20), FIRST + timedelta(days=3)
    alone = snapshot_days(begin(FIRST, None), through)
    assert snapshot_days(begin(None, FIRST), through) == alone
    for firsts in (begin(FIRST, later), begin(later, FIRST)):
        assert snapshot_days(firsts, through) == alone
        assert question_days(FROM_BOTH, firsts, through) == alone[1:]


def test_questions_about_deals_do_not_wait_for_contacts():
    firsts, through = begin(date(2026, 3, 20), date(2025, 6, 1)), date(2026, 3, 30)
    days = snapshot_days(firsts, through)
    assert days == question_days(FROM_DEALS, firsts, through)
    assert len(days) == 20 and {(after - before).days for before, after in pairwise(days)} == {14}
    assert question_days(FROM_CONTACTS, firsts, through) == []


@pytest.mark.parametrize("deals", [None, OLD, FIRST, FIRST + timedelta(days=200)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_young_home_needs_few_more_snapshots_than_an_old_one(deals, turned):
    for age in range(0, 800, 3):
        pair = (deals, FIRST) if turned else (FIRST, deals)
        through = FIRST + timedelta(days=age)
        firsts = begin(*(first if first and first <= through else None for first in pair))
        days = snapshot_days(firsts, through)
        assert len(days) <= 39
        assert all(len(question_days(needs, firsts, through)) <= 30 for needs in NEEDS.values())
        assert all(day < through for day in days)


def test_every_target_has_its_needed_entities():
    assert set(NEEDS) == set(TARGETS)


def labelled(trained_through):
    rows = [
        (f"k{n:03}", pd.Timestamp(day), bool(n % 2))
        for day in snapshot_days(begin(FIRST, None), trained_through)
        for n in range(60)
    ]
    return pd.DataFrame(rows, columns=["customer_key", "as_of", "label"]).assign(horizon_days=90)


def test_the_first_possible_day_is_the_first_with_enough_customers():
    day = first_possible(FROM_CONTACTS, begin(FIRST, None), 90)
    assert (day - FIRST).days == 209
    split = split_by_time(labelled(day), trained_through=day, horizon_days=90)
    assert len(split.past) == len(split.test) == 60
    with pytest.raises(TooLittleHistory):
        split_by_time(labelled(day - timedelta(days=1)), trained_through=day - timedelta(days=1), horizon_days=90)


@pytest.mark.parametrize("horizon_days", [60, 90, 120])
@pytest.mark.parametrize("deals", [OLD, FIRST, FIRST + timedelta(days=100)])
def test_from_the_first_possible_day_on_there_are_days_to_learn_from_and_to_judge(deals, horizon_days):
    firsts, horizon = begin(FIRST, deals), timedelta(days=horizon_days)
    day = first_possible(FROM_BOTH, firsts, horizon_days)
    for later in range(0, 700):
        through = day + timedelta(days=later)
        closed = [one for one in question_days(FROM_BOTH, firsts, through) if one + horizon <= through]
        assert closed[0] + horizon < closed[-1], through


def test_a_waiting_question_names_the_missing_entity_or_the_day():
    through = date(2025, 3, 1)
    lacks, day = waits_for(FROM_BOTH, begin(FIRST, None), through, 90)
    assert lacks.startswith("needs deals: map `transactions`") and day is None
    lacks, day = waits_for(FROM_BOTH, begin(None, None), through, 90)
    assert lacks.startswith("needs contacts and deals: map `interactions` and `transactions`")
    lacks, day = waits_for(FROM_CONTACTS, begin(FIRST, None), through, 90)
    assert lacks == f"contacts begin on {FIRST}: first possible on {day}, if contacts go on"
    assert day == FIRST + timedelta(days=209)
    lacks, later = waits_for(FROM_BOTH, begin(FIRST, FIRST + timedelta(days=21)), through, 90)
    assert lacks == f"deals begin on 2025-01-22: first possible on {later}, if contacts and deals go on"
    assert later == day + timedelta(days=21)
    assert waits_for(FROM_CONTACTS, begin(FIRST, None), day, 90) is None


def test_a_question_does_not_read_days_before_its_data(tmp_path):
    settings, through = Settings(home=tmp_path), date(2026, 3, 30)
    settings.training_warehouse.parent.mkdir()
    days = snapshot_days(begin(date(2025, 12, 1), OLD), through)
    with duckdb.connect(str(settings.training_warehouse)) as connection:
        for schema in ("landing", "core"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for entity, first in ((CONTACTS, "2025-12-01 04:00"), (DEALS, "2022-01-01 04:00")):
            connection.execute(
                f"CREATE TABLE landing.{entity} AS SELECT TIMESTAMP '{first}' AS occurred_at, "
                f"TIMESTAMP '{first}' AS known_at"
            )
        connection.execute(
            "CREATE TABLE core.customer_features AS SELECT 'k' AS customer_key, unnest(?::DATE[]) AS as_of",
            [[*days, through]],
        )
        connection.execute("CREATE TABLE core.customer_purchase_features AS FROM core.customer_features")
        connection.execute(
            "CREATE TABLE core.customer_triggers AS SELECT *, 0 AS trigger_count FROM core.customer_features"
        )
        connection.execute(
            "CREATE TABLE core.target_labels AS SELECT *, 90 AS horizon_days, true AS label FROM "
            "core.customer_features, (SELECT unnest(['intent', 'dormancy', 'purchase_silence']) AS target)"
        )
    read = {target: read_snapshots(settings, through, target, 90)["as_of"] for target in ("intent", "purchase_silence")}
    assert read["intent"].min() == pd.Timestamp("2025-12-29") and len(read["intent"]) == 13
    assert read["purchase_silence"].min() == pd.Timestamp("2024-03-31") and len(read["purchase_silence"]) == 24


@pytest.mark.parametrize(("frequency", "in_a_year"), [("ME", 12), ("7D", 52), ("21D", 18)])
@pytest.mark.parametrize("last", ["2025-02-28", "2024-02-29", "2026-03-31"])
def test_a_year_has_a_year_of_days_for_any_number_of_snapshots(frequency, in_a_year, last):
    days = pd.date_range(end=last, periods=90, freq=frequency)
    rows = pd.DataFrame({"customer_key": "k", "as_of": days, "horizon_days": 90})
    known = rows_of_last_year(rows, trained_through=date.fromisoformat(last), horizon_days=90)
    assert known["as_of"].tolist() == days[-in_a_year:].tolist()
    counts = pd.DataFrame({"with": 300, "without": 300}, index=days)
    predicted = [day for _, block in rolling_origins(counts, 90) for day in block]
    assert predicted == days[-(in_a_year // BLOCK * BLOCK) :].tolist()
