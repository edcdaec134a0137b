"""Personas: existing groups are found, unchanged customers keep their persona, and ids are stable."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from models.errors import FeatureError
from models.mining.choose_k import choose
from models.mining.outliers import Density
from models.mining.persona_features import persona_features
from models.mining.persona_profiles import MEASURES, name_personas, profiles
from models.mining.personas import REFIT_AFTER_DAYS, Personas, fit_personas
from pipelines.ledger.personas import write_centres
from pipelines.mining.personas import kept_personas, personas_of

DAY = date(2026, 6, 30)
LATER = DAY + timedelta(days=REFIT_AFTER_DAYS)


@pytest.fixture(scope="module")
def fitted(make_customers) -> Personas:
    return personas_of(None, DAY, make_customers())


def test_existing_groups_are_found(fitted, customers):
    assigned = fitted.assign(persona_features(customers))["persona_id"]
    kinds = customers.set_index("customer_key")[["demand_type", "customer_events_90d"]]
    kinds = kinds["demand_type"] + kinds["customer_events_90d"].gt(0).astype(str)
    purity = pd.crosstab(assigned, kinds).max(axis=1).sum() / len(customers)
    assert purity > 0.99
    assert fitted.evidence.loc[fitted.evidence["chosen"], "stability"].item() >= 0.8


def test_the_order_of_rows_changes_nothing(fitted, customers):
    shuffled = customers.sample(frac=1, random_state=5)
    again = personas_of(None, DAY, shuffled)
    pd.testing.assert_frame_equal(again.to_rows(), fitted.to_rows())
    one = fitted.assign(persona_features(customers)).sort_index()
    pd.testing.assert_frame_equal(fitted.assign(persona_features(shuffled)).sort_index(), one)


def test_a_customer_gets_the_same_persona_alone_and_in_a_batch(fitted, customers):
    features = persona_features(customers)
    together = fitted.assign(features)
    alone = pd.concat([fitted.assign(features.iloc[[number]]) for number in range(0, 600, 60)])
    pd.testing.assert_frame_equal(alone, together.loc[alone.index])


def test_between_two_fits_the_centres_do_not_change(fitted, make_customers):
    assert personas_of(fitted, DAY + timedelta(days=REFIT_AFTER_DAYS - 1), make_customers(seed=9)) is fitted
    assert personas_of(fitted, LATER, make_customers(seed=9)).fitted_on == LATER


def test_a_new_fit_keeps_the_ids_of_existing_groups(fitted, make_customers):
    customers = make_customers(rows=700, seed=9)
    again = personas_of(fitted, LATER, customers)
    features = persona_features(customers)
    assert fitted.assign(features)["persona_id"].eq(again.assign(features)["persona_id"]).mean() > 0.95


def test_a_new_group_gets_an_unused_id(fitted, make_customers):
    fewer = dataclasses.replace(
        fitted, centres=fitted.centres.iloc[:-1], names=fitted.names.iloc[:-1], highest_id=fitted.highest_id + 5
    )
    again = personas_of(fewer, LATER, make_customers())
    new = set(again.centres.index) - set(fewer.centres.index)
    assert new
    assert min(new) > fewer.highest_id
    assert again.highest_id == max(again.centres.index)


def test_personas_can_be_read_back_from_the_ledger_and_a_rerun_writes_nothing(fitted, tmp_path):
    ledger = tmp_path / "ledger"
    rows = pa.Table.from_pandas(fitted.to_rows(), preserve_index=False)
    assert write_centres(ledger, DAY, rows) is not None
    assert write_centres(ledger, DAY, rows) is None
    assert kept_personas(ledger, DAY) is None
    kept = kept_personas(ledger, DAY + timedelta(days=1))
    pd.testing.assert_frame_equal(kept.to_rows(), fitted.to_rows(), check_dtype=False)


def test_rows_of_two_fits_or_without_a_column_are_refused(fitted):
    rows = fitted.to_rows()
    with pytest.raises(FeatureError, match=r"missing \['centre'\]"):
        Personas.from_rows(rows.drop(columns="centre"))
    rows.loc[0, "fitted_on"] = LATER
    with pytest.raises(FeatureError, match="expected one day of fit, found 2"):
        Personas.from_rows(rows)


def test_too_few_customers_have_no_personas(customers):
    assert personas_of(None, DAY, customers.head(199)) is None
    with pytest.raises(FeatureError, match="at least 200 customers, found 199"):
        fit_personas(persona_features(customers.head(199)), DAY, 1)


def test_a_source_without_interactions_has_personas(customers):
    silent = customers.assign(
        is_dormancy_available=False, days_since_customer_event=np.nan, customer_events_90d=0, customer_events_total=0
    )
    personas = personas_of(None, DAY, silent)
    assert set(personas.names["label_en"].str.split().str[0]) == {"Known"}


def test_a_wrong_budget_does_not_move_other_customers(fitted, customers):
    dirty = customers.copy()
    dirty.loc[0, "budget_max_wan"] = 3e7
    dirty.loc[1, ["budget_max_wan", "demand_type"]] = [np.nan, None]
    again = personas_of(None, DAY, dirty)
    one, other = (each.assign(persona_features(customers))["persona_id"] for each in (fitted, again))
    assert one.eq(other).mean() > 0.99


def test_k_is_the_best_stable_one_and_stays_if_it_is_as_good():
    table = pd.DataFrame(
        {"k": [3, 4, 5, 6], "silhouette": [0.4, 0.52, 0.5, 0.9], "stability": [0.9, 0.9, 0.85, 0.3],
         "smallest_share": [0.2, 0.1, 0.1, 0.1]}
    )  # fmt: skip
    assert choose(table, 10_000) == 4
    assert choose(table, 10_000, in_use=5) == 5
    assert choose(table, 10_000, in_use=3) == 4
    assert choose(table.assign(stability=[0.1, 0.2, 0.6, 0.3]), 10_000) == 5
    assert choose(table, 150) == 3


def test_a_customer_unlike_all_is_an_outlier_and_a_group_is_not():
    chance = np.random.default_rng(1)
    crowd = chance.normal(0, 0.3, (400, 4)) + np.repeat([[0, 0, 0, 0], [6, 6, 0, 0]], 200, axis=0)
    rows = np.vstack([crowd, [[30, -30, 10, 5]]])
    found = Density.learn(rows, seed=1).outliers(rows)
    assert found[-1]
    assert found[:-1].mean() < 0.1
    assert not Density.learn(crowd[:8], seed=1).outliers(crowd).any()


def test_profiles_word_each_measure_in_two_languages_and_sizes_add_up(fitted, customers):
    ids = fitted.assign(persona_features(customers))["persona_id"]
    table = profiles(customers, ids, fitted.names)
    assert len(table) == len(fitted.centres) * len(MEASURES)
    assert table.drop_duplicates("persona_id")["customers"].sum() == len(customers)
    assert table[["words_en", "words_zh", "label_en", "label_zh"]].ne("").all(axis=None)
    unknown = table[table["value"].isna()]
    assert set(unknown["words_en"]) == {"not known"}
    budget = next(measure for measure in MEASURES if measure.name == "budget_to_buy_median_wan")
    assert budget.in_words(602) == ("budget to buy up to CNY 6.02 m (median)", "购房预算上限 602 万元（中位数）")


def test_names_of_personas_are_unique(fitted, customers):
    twins = pd.DataFrame({"label_en": "", "label_zh": ""}, index=[1, 2])
    ids = pd.Series(np.arange(len(customers)) % 2 + 1, index=customers["customer_key"])
    names = name_personas(profiles(customers, ids, twins))
    assert names["label_en"].is_unique
    assert names["label_zh"].is_unique
    assert fitted.names["label_en"].is_unique


@pytest.mark.parametrize(
    ("viewings", "budgets", "extensions"),
    [
        ((0.06, 2.8), (602, 560), ("few viewings", "many viewings")),
        ((1.05, 0.95), (900, 400), ("high budget", "low budget")),
        ((1.05, 0.95), (602, 560), ("group 1", "group 2")),
    ],
)
def test_equal_names_are_extended_by_what_sets_the_groups_apart(viewings, budgets, extensions):
    same = dict.fromkeys(("quiet_days_median", "rent_share", "invest_share", "deal_share", "subscription_share"), 0.0)
    rows = [
        {"persona_id": persona_id, "measure": measure, "value": value, "overall": usual}
        for persona_id, viewed, budget in zip((1, 2), viewings, budgets, strict=True)
        for measure, value, usual in [
            *((name, value, value) for name, value in same.items()),
            ("viewings_mean", viewed, 1.0),
            ("budget_to_buy_median_wan", budget, 580.0),
        ]
    ]
    names = name_personas(pd.DataFrame(rows))
    assert list(names["label_en"]) == [f"Active buying prospects, {extension}" for extension in extensions]
    assert names["label_zh"].is_unique


def test_a_day_does_not_fit_personas_that_no_later_day_of_the_run_would_use(fitted, make_customers):
    month, week = DAY + timedelta(days=31), DAY + timedelta(days=7)
    assert personas_of(None, DAY, make_customers(), next_day=month) is None
    assert personas_of(None, DAY, make_customers(), next_day=week).fitted_on == DAY
    assert personas_of(fitted, LATER, make_customers(seed=9), next_day=LATER + timedelta(days=31)) is fitted
