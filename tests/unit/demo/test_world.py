"""The world: order of events, chains of deal steps, and a dormancy that can be predicted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.demo.chance import pick, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import market, people, season
from pipelines.demo.world.labels import dormancy
from pipelines.demo.world.timeline import VIEWING

MIDDLING = DemoConfig(leads=12_000)


@pytest.fixture(scope="module")
def labels(middling) -> pd.DataFrame:
    every = dormancy(middling.events, middling.deals, middling.people, MIDDLING)
    return every[every["horizon_days"] == 90]


def area_under_curve(scores: pd.Series, label: pd.Series) -> float:
    """Mann-Whitney: the share of pairs in the right order."""
    positives = int(label.sum())
    return (scores.rank()[label].sum() - positives * (positives + 1) / 2) / (positives * (len(label) - positives))


def test_ten_to_thirty_per_cent_of_engaged_people_become_dormant(labels):
    by_month = labels.groupby("as_of")["dormant"].mean()

    assert 0.10 <= by_month.mean() <= 0.30
    assert by_month.iloc[3:].between(0.08, 0.45).all()


def test_recency_alone_is_a_useful_but_weak_predictor(labels, middling):
    as_of = (pd.to_datetime(labels["as_of"]) - pd.Timestamp(MIDDLING.start)).dt.days + 1
    rows = labels.assign(cut=as_of.astype(float)).sort_values("cut")
    events = middling.events[["person", "t"]].sort_values("t")
    last = pd.merge_asof(rows, events, left_on="cut", right_on="t", by="person")

    assert 0.65 <= area_under_curve(last["cut"] - last["t"], last["dormant"]) <= 0.78


def test_the_label_is_the_realised_future_and_not_the_latent_state(labels):
    # Only a win-back campaign brings back who has left.
    assert 0.99 < labels.loc[~labels["alive"], "dormant"].mean() < 1
    assert 0 < labels.loc[labels["alive"], "dormant"].mean() < 0.3


def test_a_second_record_has_no_information_about_later_events(middling):
    events = middling.events
    may_open = events[~events["first"] & ~events["met"] & (events["kind"] != VIEWING)].sort_values("t")
    by_person = may_open.groupby("person")["opening"]
    opened_before = by_person.cumsum() - may_open["opening"]
    early = may_open[(opened_before == 0) & (by_person.cumcount() < 5)]
    opens_one = early.groupby(by_person.transform("size") >= 10)["opening"].mean()

    assert opens_one[True] == pytest.approx(opens_one[False], rel=0.15)


def test_dormancy_equals_a_simple_count(middling, labels):
    cut = (date(2025, 6, 30) - MIDDLING.start).days + 1
    deals = middling.deals
    met = deals[(deals["need"] == 0) & (deals["signed"] < cut) & ~(deals["cancelled"] < cut)]["person"]
    t, person = middling.events["t"], middling.events["person"]
    recent = person[(t >= cut - 60) & (t < cut)].value_counts()
    engaged = recent.index[(recent >= 2) & ~recent.index.isin(met)]
    later = set(person[(t >= cut) & (t < cut + 90)])

    counted = labels[labels["as_of"] == np.datetime64("2025-06-30")].set_index("person")["dormant"]
    assert set(counted.index) == set(engaged)
    assert all(dormant == (who not in later) for who, dormant in counted.items())


def test_most_buyers_buy_once(middling):
    deals = middling.deals
    signed = deals[(deals["signed"] < MIDDLING.days) & ~(deals["cancelled"] < MIDDLING.days)]

    assert 0.88 <= (signed.groupby("person").size() == 1).mean() <= 0.92


def test_a_step_refers_to_an_earlier_step_of_its_deal(middling):
    steps = middling.steps.set_index(["deal", "kind"])
    named = steps[steps["parent"].notna()].reset_index()
    parents = steps["t"].reindex(pd.MultiIndex.from_frame(named[["deal", "parent"]])).to_numpy()

    assert len(named) > 1_000
    assert (parents < named["t"].to_numpy()).all()
    assert set(named["kind"]) >= {"sale", "deposit", "refund", "cancellation", "renewal 1", "renewal 2"}


def test_each_related_transaction_exists_and_is_earlier(demo):
    transactions = demo.text("transactions.csv").set_index("transaction_id")
    occurred = pd.to_datetime(transactions["occurred_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    related = transactions["related_transaction_id"].dropna()

    assert len(related) > 20
    assert set(related) <= set(transactions.index)
    known = occurred[related.index].notna().to_numpy()
    assert (occurred[related].to_numpy()[known] < occurred[related.index].to_numpy()[known]).all()


def test_a_lead_has_no_events_before_its_creation(demo):
    leads = demo.text("leads.csv").dropna(subset="lead_id").set_index("lead_id")
    created = pd.to_datetime(leads["created_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce").dropna()
    for name in ("interactions.csv.gz", "transactions.csv"):
        rows = demo.text(name)
        rows = rows[rows["lead_id"].isin(created.index)]
        occurred = pd.to_datetime(rows["occurred_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
        known = occurred.notna()
        assert known.sum() > 100
        assert (occurred[known].to_numpy() >= created[rows.loc[known, "lead_id"]].to_numpy()).all()


def test_customers_of_weak_channels_drop_out_sooner(middling):
    rate = np.log(middling.people["dropout_rate"]).groupby(middling.people["channel"]).mean()
    codes = [channel.code for channel in market.CHANNELS]

    assert rate[codes.index("offline/ground_promotion")] > rate[codes.index("offline/walk_in")]


def test_the_two_rates_have_the_configured_correlation(middling):
    latents = middling.people[["z_intent", "z_dropout"]]

    assert latents.corr().iloc[0, 1] == pytest.approx(MIDDLING.latents.correlation, abs=0.03)


def test_random_streams_are_independent(middling):
    staff = market.agents(MIDDLING)
    calmer = replace(MIDDLING, latents=replace(MIDDLING.latents, event_rate_sigma=0.1))
    changed = people.make_people(calmer, staff)

    assert changed["arrival"].equals(middling.people["arrival"])
    assert changed["dropout"].equals(middling.people["dropout"])
    assert not changed["event_rate"].equals(middling.people["event_rate"])


def test_the_spring_festival_is_quiet_and_march_is_busy():
    config = DemoConfig()
    factors = pd.Series(season.day_factors(config), pd.date_range(config.start, periods=config.horizon))

    assert factors.mean() == pytest.approx(1)
    assert (factors["2025-01-27":"2025-02-07"] < 0.5).all()
    assert factors["2025-03"].mean() > 1.15 * factors["2025-07"].mean()
    assert factors["2025-09"].mean() > 1.15 * factors["2025-08"].mean()


@pytest.mark.parametrize("holiday", ["2025-04-04", "2025-05-02", "2025-06-01", "2024-09-18", "2025-10-01"])
def test_each_public_holiday_is_quieter_than_the_same_weekday_before_it(holiday):
    config = DemoConfig()
    factors = pd.Series(season.day_factors(config), pd.date_range(config.start, periods=config.horizon))
    day = pd.Timestamp(holiday)

    assert factors[day] < 0.9 * factors[day - pd.Timedelta(days=14)]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 911.999), min_size=2, max_size=50))
def test_office_hours_keep_the_day_and_the_order(times):
    ordered = np.sort(np.array(times))
    seconds = season.to_seconds(ordered)

    assert (np.diff(seconds) >= 0).all()
    assert (seconds // 86_400 == np.floor(ordered)).all()


@settings(max_examples=50)
@given(st.lists(st.floats(0, 10), min_size=2, max_size=6).filter(lambda weights: sum(weights) > 0.1))
def test_pick_never_draws_a_category_without_weight(weights):
    chosen = pick(stream(1, "test"), np.tile(np.array(weights), (200, 1)))

    assert set(np.unique(chosen)) <= set(np.flatnonzero(weights))
