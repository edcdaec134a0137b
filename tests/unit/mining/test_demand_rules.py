"""Demand rules: planted rules are found, chance findings are not reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.mining.demand_rules import ATTRIBUTES, OUTCOMES, demand_rules, judged_rules
from models.mining.demand_words import with_sentences


@pytest.fixture
def demand(make_customers) -> pd.DataFrame:
    """Walk-ins sign three times as often. There is no other relation."""
    customers = make_customers(2_000)
    chance = np.random.default_rng(11)
    walk_in = customers["first_channel"].eq("offline/walk_in")
    customers["budget_tier"] = pd.qcut(customers["budget_max_wan"], 3, labels=["low", "middle", "high"]).astype("str")
    customers["signed"] = chance.random(len(customers)) < np.where(walk_in, 0.3, 0.1)
    customers["subscribed"] = chance.random(len(customers)) < 0.1
    customers["dormant"] = chance.random(len(customers)) < 0.5
    return customers


def patterns(customers: pd.DataFrame) -> pd.DataFrame:
    columns = [*ATTRIBUTES, *OUTCOMES]
    return customers.groupby(columns, dropna=False).size().rename("customers").reset_index()


def test_planted_rules_are_found(demand):
    rules = demand_rules(patterns(demand)).set_index(["antecedent", "consequent"])
    rule = rules.loc[("first_channel=offline/walk_in", "signed")]
    held = demand[demand["first_channel"].eq("offline/walk_in")]
    assert rule["confidence"] == pytest.approx(held["signed"].mean(), abs=1e-6)
    assert rule["n"] == len(held)
    assert rule["lift"] == pytest.approx(held["signed"].mean() / demand["signed"].mean(), abs=1e-5)
    assert rule["support"] == pytest.approx(held["signed"].sum() / len(demand), abs=1e-6)
    assert rule["p_value"] < 1e-6
    assert rules["p_value"].le(0.05).all()
    assert rules["lift"].gt(1).all()


def test_on_shuffled_outcomes_at_most_the_nominal_share_of_rules_survives(demand):
    survived = tested = days_with_a_rule = 0
    for seed in range(20):
        chance = np.random.default_rng(seed)
        shuffled = demand.assign(**{name: chance.permutation(demand[name]) for name in OUTCOMES})
        rules = judged_rules(patterns(shuffled))
        tested += len(rules)
        survived += int(rules["p_value"].le(0.05).sum())
        days_with_a_rule += bool(rules["p_value"].le(0.05).any())
    assert tested > 2_000
    assert survived / tested <= 0.05
    assert days_with_a_rule <= 4  # 5 % of 20 by chance: five and more would be seen once in 400 times


def test_a_longer_rule_needs_more_confidence_than_its_parts(demand):
    rules = demand_rules(patterns(demand))
    sure = {(frozenset(row.antecedent.split(" & ")), row.consequent): row.confidence for row in rules.itertuples()}
    for (items, consequent), confidence in sure.items():
        for item in items if len(items) > 1 else ():
            assert confidence > sure.get((items - {item}, consequent), 0.0)


def test_the_order_of_rows_changes_nothing(demand):
    pd.testing.assert_frame_equal(
        demand_rules(patterns(demand.sample(frac=1, random_state=2))), demand_rules(patterns(demand))
    )


def test_unknown_attributes_and_outcomes_that_never_happen_make_no_rules(demand):
    unknown = demand.assign(first_channel=None, district=None, dormant=False)
    rules = judged_rules(patterns(unknown))
    assert not rules["antecedent"].map(" ".join).str.contains("first_channel|district|None|nan").any()
    assert set(rules["consequent"]) == {"subscribed", "signed"}
    assert demand_rules(patterns(demand.head(199))).empty
    nothing = demand.assign(**dict.fromkeys(OUTCOMES, False))
    assert demand_rules(patterns(nothing)).empty
    bare = demand.assign(
        first_channel=None, demand_type="buy", purpose=None, district=None, layout=None, budget_tier=None
    )
    assert demand_rules(patterns(bare)).empty


def test_rules_are_worded_in_both_languages(demand):
    rules = with_sentences(demand_rules(patterns(demand)))
    walk_in_rule = rules[
        rules["antecedent"].eq("first_channel=offline/walk_in") & rules["consequent"].eq("signed")
    ].iloc[0]
    assert walk_in_rule["rule_en"].startswith("Customers with first channel walk-in sign ")
    assert walk_in_rule["rule_zh"].startswith("首次来源渠道为自然到访的客户签约比例是平均的 ")
