"""Association rules between demand and outcome, each tested against chance.

Antecedents are all frequent sets of demand attributes (FP-growth). Each antecedent is tested for each outcome: to test
only rules with high confidence would select chance findings.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, hypergeom

from models.features.frames import none_unless

ATTRIBUTES = ("first_channel", "demand_type", "purpose", "district", "layout", "budget_tier")
OUTCOMES = ("subscribed", "signed", "dormant")
COLUMNS = ("antecedent", "consequent", "support", "confidence", "lift", "p_value", "n", "customers")
MIN_SUPPORT = 0.01
"""Minimum share of customers with an antecedent: rarer antecedents concern too few customers."""
MAX_ITEMS = 3
NOMINAL = 0.05
ENOUGH_CUSTOMERS = 200
TIERS = ("low", "middle", "high")


def budget_tiers(budget: pd.Series, demand_type: pd.Series) -> pd.Series:
    """Return the third (low, middle, high) of each budget among those who rent, or who buy; None without a budget."""
    amount = budget.astype("float64")
    rank = amount.groupby(demand_type.eq("rent")).rank(method="average", pct=True)
    tier = pd.Series(np.select([rank <= 1 / 3, rank <= 2 / 3], TIERS[:2], TIERS[2]), index=budget.index, dtype=object)
    return none_unless(amount.notna(), tier)


def judged_rules(customers: pd.DataFrame) -> pd.DataFrame:
    """Return all rules, antecedent × outcome, with figures and adjusted p-value. Columns COLUMNS.

    `customers`: one row per customer with ATTRIBUTES (text or null) and OUTCOMES (boolean). `n`: customers with the
    antecedent. `support`: share of all customers with antecedent and outcome. `p_value`: one-sided Fisher exact test
    that the outcome is more frequent with the antecedent than without, adjusted over all tests (Benjamini and Hochberg
    1995).
    """
    from mlxtend.frequent_patterns import fpgrowth  # imported here: takes half a second

    items = _items(customers)
    if items.empty or not len(items.columns):
        return pd.DataFrame(columns=list(COLUMNS))
    sets = fpgrowth(items, min_support=MIN_SUPPORT, max_len=MAX_ITEMS, use_colnames=True)["itemsets"]
    antecedents = sorted(tuple(sorted(items_of_set)) for items_of_set in sets)
    if not antecedents:
        return pd.DataFrame(columns=list(COLUMNS))
    has_item = items.to_numpy()
    position = {name: number for number, name in enumerate(items.columns)}
    masks = np.column_stack(
        [has_item[:, [position[item] for item in antecedent]].all(axis=1) for antecedent in antecedents]
    )
    frames = [_test(antecedents, masks, customers[outcome].to_numpy(dtype=bool), outcome) for outcome in OUTCOMES]
    table = pd.concat([frame for frame in frames if not frame.empty] or frames, ignore_index=True)
    if table.empty:
        return table
    table["p_value"] = false_discovery_control(table["p_value"].to_numpy(), method="bh")
    return table


def demand_rules(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the significant rules: at most 5 % false discoveries, and more confidence than every shorter rule within.

    Columns COLUMNS, best lift first. Empty below ENOUGH_CUSTOMERS.
    """
    if len(customers) < ENOUGH_CUSTOMERS:
        return pd.DataFrame(columns=list(COLUMNS))
    tested = judged_rules(customers)
    rules = tested[(tested["p_value"] <= NOMINAL) & (tested["lift"] > 1)]
    rules = rules[_exceed_their_parts(rules)].copy()
    rules["antecedent"] = rules["antecedent"].map(" & ".join)
    for column in ("support", "confidence", "lift"):
        rules[column] = rules[column].astype("float64").round(6)
    order = ["lift", "consequent", "antecedent"]
    return rules.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _items(customers: pd.DataFrame) -> pd.DataFrame:
    """Return customer × `attribute=value`, boolean, without values that all customers have."""
    columns = {}
    for attribute in ATTRIBUTES:
        values = customers[attribute]
        for value in sorted(values.dropna().unique()):
            has_value = values.eq(value).to_numpy(dtype=bool)
            if not has_value.all():
                columns[f"{attribute}={value}"] = has_value
    return pd.DataFrame(columns, index=range(len(customers)))


def _test(antecedents: list[tuple[str, ...]], masks: np.ndarray, outcome: np.ndarray, name: str) -> pd.DataFrame:
    total, happened = len(outcome), int(outcome.sum())
    if not 0 < happened < total:
        return pd.DataFrame(columns=list(COLUMNS))
    n = masks.sum(axis=0)
    both = masks[outcome].sum(axis=0)
    return pd.DataFrame(
        {
            "antecedent": antecedents,
            "consequent": name,
            "support": both / total,
            "confidence": both / n,
            "lift": (both / n) / (happened / total),
            "p_value": hypergeom.sf(both - 1, total, happened, n),
            "n": n,
            "customers": total,
        },
        columns=list(COLUMNS),
    )


def _exceed_their_parts(rules: pd.DataFrame) -> pd.Series:
    """Return whether each rule has more confidence than all rules on a part of its antecedent."""
    figures = zip(rules["antecedent"].map(frozenset), rules["consequent"], rules["confidence"], strict=True)
    confidence = {(items, outcome): value for items, outcome, value in figures}
    keep = []
    for (items, outcome), value in confidence.items():
        parts = [items - {item} for item in items]
        if len(items) > 2:
            parts += [frozenset({item}) for item in items]
        keep.append(len(items) == 1 or all(value > confidence.get((part, outcome), 0.0) for part in parts))
    return pd.Series(keep, index=rules.index, dtype=bool)
