"""Demand rules as sentences, in English and Chinese."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from models.features.names import name_of

ATTRIBUTE_WORDS = {
    "first_channel": ("first channel", "首次来源渠道"),
    "demand_type": ("demand type", "需求类型"),
    "purpose": ("purpose", "购房目的"),
    "district": ("district", "意向区域"),
    "layout": ("layout", "意向户型"),
    "budget_tier": ("budget", "预算"),
}
OUTCOME_WORDS = {
    "subscribed": ("subscribe", "认购"),
    "signed": ("sign", "签约"),
    "dormant": ("go dormant or are lost", "沉睡或流失"),
}


COLUMNS = ("antecedent_en", "antecedent_zh", "consequent_en", "consequent_zh", "rule_en", "rule_zh")


def with_sentences(rules: pd.DataFrame) -> pd.DataFrame:
    """Add to the rules the labels of both sides and the sentence, in English and in Chinese: COLUMNS."""
    rows = [_words(row) for row in rules.to_dict("records")]
    return rules.assign(
        **{
            name: pd.Series([row[at] for row in rows], index=rules.index, dtype=object)
            for at, name in enumerate(COLUMNS)
        }
    )


def _words(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Return the words of one rule in the order of COLUMNS."""
    items = [(ATTRIBUTE_WORDS[name], name_of(name, value)) for name, value in _items(row["antecedent"])]
    english = ", ".join(f"{attribute[0]} {value[0]}" for attribute, value in items)
    chinese = "、".join(f"{attribute[1]}为{value[1]}" for attribute, value in items)
    outcome_en, outcome_zh = OUTCOME_WORDS[row["consequent"]]
    times, share, n = f"{row['lift']:.2f}", f"{row['confidence'] * 100:.1f} %", f"{row['n']:,}"
    return (
        english,
        chinese,
        outcome_en,
        outcome_zh,
        f"Customers with {english} {outcome_en} {times} times as often as all ({share} of {n})",
        f"{chinese}的客户{outcome_zh}比例是平均的 {times} 倍（{n} 人中 {share}）",
    )


def _items(antecedent: str) -> list[tuple[str, str]]:
    pairs = (item.partition("=") for item in antecedent.split(" & "))
    return [(name, value) for name, _, value in pairs]
