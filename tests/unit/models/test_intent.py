"""Open leads: most have a history; new leads are scored by their cell."""

from __future__ import annotations

import json
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from models import train as training
from models.features.features import FEATURES
from models.features.targets import TARGETS
from models.learn.shrinkage import MIN_ROWS, Cells, fit_cells, is_new, shrink
from models.score import score
from models.store.store import load, save

TODAY = date(2026, 6, 30)


def new_leads(rows: int, seed: int = 5) -> pd.DataFrame:
    """New leads of three channels and two demands; `label`: walk-ins who want to buy subscribe most."""
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "first_channel": chance.choice(["online", "walk_in", "referral"], rows, p=[0.6, 0.35, 0.05]),
        "demand_type": pd.Series(chance.choice(["buy", "rent"], rows)).where(chance.random(rows) > 0.1),
        "customer_events_30d": chance.integers(0, 2, rows).astype(float),
        "days_since_first_known": chance.integers(0, 14, rows).astype(float),
    })  # fmt: skip
    rate = frame["first_channel"].map({"online": 0.05, "walk_in": 0.25, "referral": 0.15})
    return frame.assign(label=chance.random(rows) < rate * np.where(frame["demand_type"] == "buy", 1.3, 0.7))


@pytest.fixture(scope="module")
def open_leads(make_snapshots):
    """Snapshots with every feature of intent; 300 of each month-end are new leads."""
    old = make_snapshots(customers=200)
    chance = np.random.default_rng(3)
    for feature in TARGETS["intent"].features:
        if feature.name not in old:
            old[feature.name] = "known" if feature.scale == "category" else chance.random(len(old))
    old["days_since_first_known"] += 14
    months = old["as_of"].unique()
    new = new_leads(100 * len(months)).assign(
        as_of=np.repeat(months, 100), horizon_days=90, days_since_customer_event=np.nan,
    )  # fmt: skip
    new["customer_key"] = [f"new:{number}" for number in range(len(new))]
    new["label"] = new["label"].astype("boolean").mask(new["as_of"] > "2026-04-01")
    for feature in TARGETS["intent"].features:
        if feature.name not in new:
            new[feature.name] = np.nan if feature.nullable else 0.0
    return pd.concat([old[[name for name in old if name in new]], new], ignore_index=True)


@pytest.fixture(scope="module")
def intent(open_leads, train):
    # The labels of its old leads are chance: the model that is routed around could not score.
    with patch.object(training, "who_scores", lambda _report, chosen, _fitted: chosen):
        return train(open_leads, "intent")


@pytest.fixture
def leads_today(open_leads):
    return open_leads[open_leads["as_of"] == "2026-06-30"].drop(columns=["label", "horizon_days"])


def test_new_leads_are_scored_by_their_cell_in_the_same_call(intent, leads_today):
    scores = score(intent, leads_today, as_of=TODAY)
    new = scores["customer_key"].str.startswith("new:").to_numpy()
    assert len(scores) == len(leads_today) and new.sum() == 100
    mean = scores[new].assign(channel=leads_today.sort_values("customer_key")["first_channel"].to_numpy()[new])
    by_channel = mean.groupby("channel")["probability"].mean()
    assert by_channel["walk_in"] == pytest.approx(0.25, abs=0.05) and by_channel["online"] < 0.1
    assert scores[~new]["reason_3"].notna().all()


def test_reasons_of_new_leads_name_the_cell_and_sum_to_the_published_log_odds(intent, leads_today):
    scores = score(intent, leads_today, as_of=TODAY).set_index("customer_key").filter(like="new:", axis=0)
    result = scores[["reason_1", "reason_2"]].stack()
    assert result.str.fullmatch(
        r"[\d,]+ of [\d,]+ similar leads \(.+\) subscribed or signed within 90 days \(.+ points?\)"
    ).all()
    assert scores[["reason_1_zh", "reason_2_zh"]].stack().str.contains("天内认购或签约").all()
    assert scores[["reason_3", "reason_3_zh", "contribution_3"]].isna().all(axis=None)
    base = np.log(np.divide(*intent.scorer.cells.everyone) / (1 - np.divide(*intent.scorer.cells.everyone)))
    log_odds = np.log(scores["probability"] / (1 - scores["probability"]))
    assert (base + scores["contribution_1"] + scores["contribution_2"] - log_odds).abs().max() < 2e-6


def test_an_unknown_channel_falls_back_to_all_new_leads(intent, leads_today):
    new = leads_today[leads_today["customer_key"].str.startswith("new:")].head(1)
    scores = score(intent, new.assign(first_channel="livestream"), as_of=TODAY)
    assert scores["probability"].iloc[0] == pytest.approx(np.divide(*intent.scorer.cells.everyone))
    x, n = intent.scorer.cells.everyone
    assert (
        scores["reason_1"].iloc[0]
        == f"{x:,} of {n:,} similar leads (all) subscribed or signed within 90 days (<0.1 points)"
    )


def test_the_report_includes_new_leads_and_the_store_keeps_their_cells(tmp_path, intent, leads_today):
    assert intent.card["snapshots"]["test"]["rows"] == intent.report.set_index("metric")["value"]["rows"].iloc[0]
    save(tmp_path, intent)
    again = load(tmp_path, intent.model_id)
    assert again.scorer.cells == intent.scorer.cells
    pd.testing.assert_frame_equal(score(again, leads_today, as_of=TODAY), score(intent, leads_today, as_of=TODAY))


def test_shrinkage_equals_the_formula_and_small_cells_stay_near_their_channel():
    assert shrink(3, 120, 0.1, 40) == pytest.approx((3 + 4) / 160)
    leads = new_leads(4000)
    cells = fit_cells(leads, leads["label"].to_numpy())
    steps = cells.steps(leads).drop_duplicates(["channel", "demand"]).set_index(["channel", "demand"])
    assert cells.everyone == (leads["label"].sum(), 4000)
    assert steps["cell_n"].sum() == 4000
    raw = np.log(np.divide(*cells.channels["referral"]) / (1 - np.divide(*cells.channels["referral"])))
    result = steps.loc[("referral", "rent"), ["base", "by_channel"]].sum()
    assert abs(result - steps["base"].iloc[0]) < abs(raw - steps["base"].iloc[0])
    assert 1 <= cells.m_channel <= 10_000 and 1 <= cells.m_cell <= 10_000
    assert Cells.from_json(json.loads(json.dumps(cells.as_json()))) == cells and Cells.from_json(None) is None


def test_equal_channels_shrink_together_and_different_channels_do_not():
    leads = new_leads(4000)
    chance = np.random.default_rng(1)
    alike = fit_cells(leads, chance.random(4000) < 0.1)
    apart = fit_cells(leads, leads["label"].to_numpy())
    assert alike.m_channel > 10 * apart.m_channel


@pytest.mark.parametrize(("rows", "rate"), [(MIN_ROWS - 1, 0.5), (1000, 0.0), (1000, 1.0)])
def test_too_few_new_leads_have_no_cells(rows, rate):
    leads = new_leads(rows)
    assert fit_cells(leads, np.arange(rows) < rate * rows) is None


def test_a_new_lead_is_defined_by_events_and_days():
    frame = pd.DataFrame({"customer_events_30d": [0, 1, 2, 0], "days_since_first_known": [0, 13, 3, 14]})
    assert is_new(frame).tolist() == [True, True, False, False]
    assert {"customer_events_30d", "days_since_first_known"} <= set(FEATURES)
