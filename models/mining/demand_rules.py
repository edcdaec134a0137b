"""Association rules between demand and outcome, each tested against chance.

Antecedents are all sets of demand attributes that MIN_SUPPORT of the customers have. Each antecedent is tested for each
outcome: to test only rules with high confidence would select chance findings.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, hypergeom

ATTRIBUTES = ("first_channel", "demand_type", "purpose", "district", "layout", "budget_tier")
OUTCOMES = ("subscribed", "signed", "dormant")
COLUMNS = ("antecedent", "consequent", "support", "confidence", "lift", "p_value", "n", "customers")
MIN_SUPPORT = 0.01
"""Minimum share of customers with an antecedent: rarer antecedents concern too few customers."""
MAX_ITEMS = 3
NOMINAL = 0.05
ENOUGH_CUSTOMERS = 200


def judged_rules(patterns: pd.DataFrame) -> pd.DataFrame:
    """Return all rules, antecedent × outcome, with figures and adjusted p-value. Columns COLUMNS.

    `patterns`: combinations of ATTRIBUTES (text or null) and OUTCOMES (boolean) with their number of `customers`. `n`:
    customers with the antecedent. `support`: share of all customers with antecedent and outcome. `p_value`: one-sided
    Fisher exact test that the outcome is more frequent with the antecedent than without, adjusted over all tests
    (Benjamini and Hochberg 1995).
    """
    items = _items(patterns)
    weights = patterns["customers"].to_numpy(dtype="int64")
    counts = _counts(items.to_numpy(dtype=bool), weights, patterns[list(OUTCOMES)].to_numpy(dtype=bool))
    if not counts:
        return pd.DataFrame(columns=list(COLUMNS))
    names = list(items.columns)
    antecedents = [tuple(sorted(names[item] for item in found)) for found in counts]
    order = sorted(range(len(antecedents)), key=antecedents.__getitem__)
    figures = np.array(list(counts.values()))[order]
    antecedents = [antecedents[number] for number in order]
    frames = []
    for number, outcome in enumerate(OUTCOMES, start=1):
        happened = int(weights[patterns[outcome].to_numpy(dtype=bool)].sum())
        frames.append(_test(antecedents, figures[:, 0], figures[:, number], int(weights.sum()), happened, outcome))
    table = pd.concat([frame for frame in frames if not frame.empty] or frames, ignore_index=True)
    if table.empty:
        return table
    table["p_value"] = false_discovery_control(table["p_value"].to_numpy(), method="bh")
    return table


def demand_rules(patterns: pd.DataFrame) -> pd.DataFrame:
    """Return the significant rules: at most 5 % false discoveries, and more confidence than every shorter rule within.

    `patterns`: as for `judged_rules`. Columns COLUMNS, best lift first. Empty below ENOUGH_CUSTOMERS.
    """
    if patterns["customers"].sum() < ENOUGH_CUSTOMERS:
        return pd.DataFrame(columns=list(COLUMNS))
    tested = judged_rules(patterns)
    rules = tested[(tested["p_value"] <= NOMINAL) & (tested["lift"] > 1)]
    rules = rules[_exceed_their_parts(rules)].copy()
    rules["antecedent"] = rules["antecedent"].map(" & ".join)
    for column in ("support", "confidence", "lift"):
        rules[column] = rules[column].astype("float64").round(6)
    order = ["lift", "consequent", "antecedent"]
    return rules.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _items(patterns: pd.DataFrame) -> pd.DataFrame:
    """Return pattern × `attribute=value`, boolean, without values that all customers have."""
    columns = {}
    for attribute in ATTRIBUTES:
        values = patterns[attribute]
        for value in sorted(values.dropna().unique()):
            has_value = values.eq(value).to_numpy(dtype=bool)
            if not has_value.all():
                columns[f"{attribute}={value}"] = has_value
    return pd.DataFrame(columns, index=range(len(patterns)))


def _counts(has_item: np.ndarray, weights: np.ndarray, outcomes: np.ndarray) -> dict[tuple[int, ...], np.ndarray]:
    """Return the customers of each frequent set of items: all, and those with each outcome.

    A set of one item more is counted only in the patterns of the set, and only if the set is frequent.
    """
    least = math.ceil(MIN_SUPPORT * weights.sum())
    found: dict[tuple[int, ...], np.ndarray] = {}
    waiting: list[tuple[tuple[int, ...], np.ndarray]] = [((), np.arange(len(weights)))]
    while waiting:
        items, rows = waiting.pop()
        figures = weights[rows, None] * np.column_stack([np.ones(len(rows), dtype=bool), outcomes[rows]])
        by_item = has_item[rows].T.astype("int64") @ figures
        for item in range(max(items, default=-1) + 1, has_item.shape[1]):
            if by_item[item, 0] >= max(least, 1):
                found[(*items, item)] = by_item[item]
                if len(items) + 1 < MAX_ITEMS:
                    waiting.append(((*items, item), rows[has_item[rows, item]]))
    return found


def _test(
    antecedents: list[tuple[str, ...]], n: np.ndarray, both: np.ndarray, total: int, happened: int, name: str
) -> pd.DataFrame:
    if not 0 < happened < total:
        return pd.DataFrame(columns=list(COLUMNS))
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
