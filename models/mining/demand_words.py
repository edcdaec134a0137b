"""Demand rules as sentences, in English and Chinese."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

ATTRIBUTE_WORDS = {
    "first_channel": ("first channel", "首次渠道"),
    "demand_type": ("demand", "需求类型"),
    "purpose": ("purpose", "购房目的"),
    "district": ("district", "意向区域"),
    "layout": ("layout", "意向户型"),
    "budget_tier": ("budget", "预算档"),
}
OUTCOME_WORDS = {
    "subscribed": ("subscribe", "认筹"),
    "signed": ("sign", "签约"),
    "dormant": ("go dormant or are lost", "沉睡或流失"),
}


def with_sentences(rules: pd.DataFrame) -> pd.DataFrame:
    """Add the columns `rule_en` and `rule_zh` to the rules."""
    rows = rules.to_dict("records")
    english, chinese = [_english(row) for row in rows], [_chinese(row) for row in rows]
    return rules.assign(
        rule_en=pd.Series(english, index=rules.index, dtype=object),
        rule_zh=pd.Series(chinese, index=rules.index, dtype=object),
    )


def _english(row: Mapping[Hashable, Any]) -> str:
    demand = ", ".join(f"{ATTRIBUTE_WORDS[name][0]} {value}" for name, value in _items(row["antecedent"]))
    outcome = OUTCOME_WORDS[row["consequent"]][0]
    return (
        f"Customers with {demand} {outcome} {row['lift']:.2f} times as often as all "
        f"({row['confidence']:.1%} of {row['n']:,})"
    )


def _chinese(row: Mapping[Hashable, Any]) -> str:
    demand = "、".join(f"{ATTRIBUTE_WORDS[name][1]}为{value}" for name, value in _items(row["antecedent"]))
    outcome = OUTCOME_WORDS[row["consequent"]][1]
    return f"{demand}的客户{outcome}概率是平均的 {row['lift']:.2f} 倍（{row['n']:,} 人中 {row['confidence']:.1%}）"


def _items(antecedent: str) -> list[tuple[str, str]]:
    pairs = (item.partition("=") for item in antecedent.split(" & "))
    return [(name, value) for name, _, value in pairs]
