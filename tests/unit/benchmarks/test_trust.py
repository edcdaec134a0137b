"""The calculations of `make evaluate`: shares of the ceiling, changes of levels, the worst of the seeds."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.trust import __main__ as trust
from benchmarks.trust.aged import aged_figures
from benchmarks.trust.bars import BARS, worst_of_seeds
from benchmarks.trust.ceiling import shares_of_attainable, with_truth
from benchmarks.trust.grades import grade_figures
from benchmarks.trust.levels import level_figures
from benchmarks.trust.personas import kept_share
from models.features.targets import TARGETS

FIRST = date(2026, 6, 1)


def _levels(customer: str, levels: str, events: str | None = None) -> pd.DataFrame:
    """A letter per day from the first day on; a dot if the customer is not open."""
    days = [
        (customer, FIRST + timedelta(days=day), level, int(events[day]) if events else 0)
        for day, level in enumerate(levels)
        if level != "."
    ]
    return pd.DataFrame(days, columns=["customer_key", "as_of", "warning_level", "events"])


def test_the_ceiling_has_a_share_of_one_and_a_useless_model_of_zero() -> None:
    chance = np.random.default_rng(1)
    ceiling = chance.uniform(size=4_000)
    labels = chance.uniform(size=4_000) < ceiling
    baselines = {"rule": ceiling + chance.normal(scale=1.0, size=4_000), "chance": np.zeros(4_000)}
    attained = {"auc_share": 1.0, "lift_share": 1.0, "gain_share": 1.0}
    assert shares_of_attainable(labels, ceiling, ceiling, baselines) == attained
    nothing = shares_of_attainable(labels, np.zeros(4_000), ceiling, baselines)
    assert nothing["auc_share"] == 0.0 and nothing["gain_share"] < 0
    noisy = shares_of_attainable(labels, ceiling + chance.normal(scale=0.5, size=4_000), ceiling, baselines)
    assert 0.2 < noisy["auc_share"] < 0.9 and 0 < noisy["gain_share"] < noisy["auc_share"]
    assert shares_of_attainable(labels, baselines["rule"], ceiling, baselines)["gain_share"] == 0.0


def _young_and_old(grows: bool) -> pd.DataFrame:
    """24 month-ends of a world that does not change; with `grows`, contacts within 60 days grow all the same."""
    chance = np.random.default_rng(3)
    as_of = pd.date_range("2024-06-30", periods=24, freq="ME").repeat(400)
    log_odds = chance.normal(-1.2, 1.0, len(as_of))
    counted = np.exp(1 - log_odds / 2) * (1 + (np.arange(len(as_of)) / 4_000 if grows else 0))
    rows = {
        feature.name: "known" if feature.scale == "category" else chance.poisson(2, len(as_of)).clip(0, feature.maximum)
        for feature in TARGETS["dormancy"].features
    }
    return pd.DataFrame(rows).assign(
        customer_key=[f"c{number:05d}" for number in range(len(as_of))], as_of=as_of, horizon_days=90,
        customer_events_60d=chance.poisson(counted), label=chance.random(len(as_of)) < 1 / (1 + np.exp(-log_odds)),
    )  # fmt: skip


def test_a_counter_that_grows_with_the_calendar_changes_the_level_of_an_older_home() -> None:
    steady, growing = (aged_figures(_young_and_old(grows), date(2024, 3, 1), print) for grows in (False, True))
    assert 0.9 <= steady["aged_least"] <= steady["aged_most"] <= 1.1
    assert growing["aged_least"] < 0.9


def test_a_ceiling_no_better_than_chance_is_refused() -> None:
    with pytest.raises(ValueError, match=r"AUC above 0\.5, found 0\.000"):
        shares_of_attainable(np.array([True, False]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), {})


def test_a_customer_is_the_person_of_the_record_that_names_it(tmp_path: Path) -> None:
    pd.DataFrame({"lead_id": ["L1", "L2"], "person_id": ["P1", "P2"]}).to_parquet(tmp_path / "record_person.parquet")
    pd.DataFrame(
        {
            "person_id": ["P1", "P1", "P2"],
            "as_of": [date(2026, 3, 31), date(2026, 3, 31), date(2026, 3, 31)],
            "horizon_days": [90, 60, 90],
            "dormant": [True, False, False],
            "ceiling_probability": [0.75, 0.5, None],
        }
    ).to_parquet(tmp_path / "dormancy_labels.parquet")
    rows = pd.DataFrame({"customer_key": ["demo:L1", "demo:L2"], "as_of": pd.to_datetime(["2026-03-31"] * 2)})
    (found,) = with_truth(rows, tmp_path, 90).itertuples()
    assert (found.customer_key, found.dormant, found.ceiling_probability) == ("demo:L1", True, 0.75)
    with pytest.raises(ValueError, match="found that of none"):
        with_truth(rows.assign(customer_key="demo:L9"), tmp_path, 90)


def test_changes_are_counted_among_relationships_open_on_both_days() -> None:
    levels = pd.concat([_levels("a", "nnl"), _levels("b", "nnn"), _levels("c", "l.n"), _levels("d", "nn.")])
    figures = level_figures(levels)
    # Day 2: a, b, d stay; day 3: a changes, b stays, c was not open the day before.
    assert figures["level_changes"] == figures["quiet_changes"] == pytest.approx((0 + 1 / 2) / 2)


def test_a_change_with_a_new_event_is_not_quiet() -> None:
    levels = pd.concat([_levels("a", "nl", "34"), _levels("b", "nl", "33")])
    assert level_figures(levels) == {"level_changes": 1.0, "quiet_changes": 0.5, "reversals": 0.0}


@pytest.mark.parametrize(
    ("levels", "share"),
    [
        ("nlllllllnn", 1.0),  # back on the seventh day after the change
        ("nllllllllnn", 0.0),  # back on the eighth
        ("nlmllllllll", 1 / 3),  # of n to l, l to m and m to l the second is taken back
        ("nnnnnnln", 0.0),  # too late to be seen for seven days
    ],
)
def test_a_reversal_restores_the_previous_level_within_seven_days(levels: str, share: float) -> None:
    assert level_figures(_levels("a", levels))["reversals"] == share


def test_levels_without_two_consecutive_days_are_refused() -> None:
    with pytest.raises(ValueError, match="consecutive days, found none"):
        level_figures(_levels("a", "n.n"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from("nlmhu."), min_size=2, max_size=40), st.randoms())
def test_level_figures_are_shares_in_any_order_of_rows(letters: list[str], chance) -> None:
    levels = pd.concat([_levels("a", "".join(letters)), _levels("b", "nn")], ignore_index=True)
    figures = level_figures(levels)
    assert all(0 <= figure <= 1 for figure in figures.values())
    order = chance.sample(range(len(levels)), len(levels))
    assert level_figures(levels.iloc[order]) == figures


def _performance(means: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {"grade": list("ABCD"), "share_of_customers": [0.1, 0.2, 0.3, 0.4], "contribution_mean": means,
         "ratio_to_mean": [mean and mean / 100 for mean in means]}
    )  # fmt: skip


def test_grades_are_in_order_if_each_contributes_more_than_the_next() -> None:
    found = {"grade_a_least": 0.1, "grade_a_most": 0.1, "grade_a_ratio": 5.0, "grades_out_of_order": 0.0}
    assert grade_figures(_performance([500.0, 50.0, 5.0, 1.0]).sample(frac=1, random_state=1)) == found
    assert grade_figures(_performance([500.0, 50.0, 50.0, 60.0])) == found | {"grades_out_of_order": 2.0}


def test_grades_without_outcomes_are_refused() -> None:
    with pytest.raises(ValueError, match="found A, B, C"):
        grade_figures(_performance([500.0, 50.0, 5.0, None]))
    with pytest.raises(ValueError, match="found none"):
        grade_figures(_performance([None] * 4))


def _personas(*days: list[tuple[str, int, int]]) -> pd.DataFrame:
    rows = [(*row, FIRST + timedelta(days=number)) for number, day in enumerate(days) for row in day]
    return pd.DataFrame(rows, columns=["customer_key", "persona_id", "events", "as_of"])


def test_the_share_of_kept_personas_is_of_customers_without_a_new_event_on_the_worst_day() -> None:
    first = [("a", 1, 5), ("b", 1, 5), ("c", 2, 5)]
    second = [("a", 1, 5), ("b", 2, 6), ("c", 2, 5), ("new", 3, 0)]
    third = [("a", 2, 5), ("b", 2, 6), ("c", 2, 5)]
    assert kept_share(_personas(first, second)) == 1.0
    assert kept_share(_personas(first, second, third)) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="found none"):
        kept_share(_personas(first))


def test_the_worst_seed_is_the_one_furthest_from_its_bar() -> None:
    found = {
        ("demo", 1): {"auc_share": 0.97, "calibration_over_ceiling": 0.004},
        ("demo", 2): {"auc_share": 0.94, "calibration_over_ceiling": 0.03},
        ("hard", 1): {"auc_share": 0.94, "calibration_over_ceiling": math.nan},
    }
    rows = {(row.preset, row.bar.what): row for row in worst_of_seeds(found)}
    assert len(rows) == 2 * len(BARS)
    share, error = BARS["auc_share"].what, BARS["calibration_over_ceiling"].what
    assert (rows["demo", share].worst, rows["demo", share].is_met) == (0.94, False)
    assert (rows["hard", share].worst, rows["hard", share].is_met) == (0.94, True)
    assert (rows["demo", error].worst, rows["demo", error].is_met) == (0.03, False)
    assert math.isnan(rows["hard", error].worst)
    assert not rows["hard", error].is_met
    assert not rows["demo", BARS["reversals"].what].values


def test_a_figure_without_a_bar_is_refused() -> None:
    with pytest.raises(KeyError, match="found accuracy"):
        worst_of_seeds({("demo", 1): {"accuracy": 0.87}})


def test_homes_with_saved_figures_are_not_measured_again(tmp_path: Path, capsys) -> None:
    kept = tmp_path / "figures.json"
    figures = {("demo", trust.DemoConfig().seed): {"auc_share": 0.96, "gain_share_mean": 0.7}}
    trust._write(kept, figures)
    assert trust._read(kept) == figures
    trust.main(["--seeds", "1", "--preset", "demo", "--kept", str(kept)], standalone_mode=False)
    assert "0.96" in capsys.readouterr().out
