"""Profiles of personas: measures of their customers, and names built from the measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

COLUMNS = (
    "persona_id",
    "label_en",
    "label_zh",
    "customers",
    "share",
    "measure",
    "value",
    "overall",
    "words_en",
    "words_zh",
)
MAJORITY = 0.5
ACTIVITY = (
    (30, "Active", "活跃"),
    (90, "Cooling", "降温"),
    (180, "Dormant", "沉睡"),
    (float("inf"), "Gone quiet", "沉寂"),
)


@dataclass(frozen=True)
class Measure:
    """One number about a group of customers (null if unknown for all), and its words."""

    name: str
    take: Callable[[pd.DataFrame], float]
    words_en: str
    words_zh: str


def _with_contacts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["is_dormancy_available"].astype(bool)]


def _quiet_days(rows: pd.DataFrame) -> float:
    known = _with_contacts(rows)
    return known["days_since_customer_event"].astype("float64").fillna(known["days_since_first_known"]).median()


def _budget(rows: pd.DataFrame, rents: bool) -> float:
    return rows.loc[rows["demand_type"].eq("rent") == rents, "budget_max_wan"].astype("float64").median()


MEASURES = (
    Measure("deal_share", lambda rows: rows["frequency"].gt(0).mean(), "{:.0%} have signed", "{:.0%} 已签约"),
    Measure(
        "contribution_mean",
        lambda rows: rows["monetary_total"].astype("float64").mean(),
        "CNY {:,.0f} contributed on average",
        "人均贡献 {:,.0f} 元",
    ),
    Measure(
        "subscription_share",
        lambda rows: rows["subscriptions_total"].gt(0).mean(),
        "{:.0%} have subscribed",
        "{:.0%} 曾认筹",
    ),
    Measure(
        "quiet_days_median",
        _quiet_days,
        "{:.0f} days since their last contact (median)",
        "距上次互动 {:.0f} 天（中位数）",
    ),
    Measure(
        "events_90d_mean",
        lambda rows: _with_contacts(rows)["customer_events_90d"].mean(),
        "{:.1f} own contacts in 90 days",
        "近 90 天主动互动 {:.1f} 次",
    ),
    Measure(
        "viewings_mean",
        lambda rows: _with_contacts(rows)["viewings_total"].mean(),
        "{:.1f} viewings so far",
        "累计看房 {:.1f} 次",
    ),
    Measure("rent_share", lambda rows: rows["demand_type"].eq("rent").mean(), "{:.0%} want to rent", "{:.0%} 求租"),
    Measure("invest_share", lambda rows: rows["demand_type"].eq("invest").mean(), "{:.0%} invest", "{:.0%} 投资"),
    Measure(
        "budget_to_buy_median_wan",
        lambda rows: _budget(rows, False),
        "budget to buy up to {:,.0f} × CNY 10,000 (median)",
        "购房预算上限 {:,.0f} 万元（中位数）",
    ),
    Measure(
        "budget_to_rent_median_wan",
        lambda rows: _budget(rows, True),
        "rent up to {:,.2f} × CNY 10,000 a month (median)",
        "月租预算上限 {:,.2f} 万元（中位数）",
    ),
)


def profiles(customers: pd.DataFrame, persona_ids: pd.Series, names: pd.DataFrame) -> pd.DataFrame:
    """Return persona × measure with its words, beside the number of all customers. Columns COLUMNS.

    `customers`: as for `persona_features`; `persona_ids`: by customer_key; `names`: label_en, label_zh by persona_id.
    """
    rows = customers.set_index("customer_key").sort_index()
    overall = {measure.name: _number(measure.take(rows)) for measure in MEASURES}
    result = []
    names = names.sort_index()
    for persona_id, label_en, label_zh in zip(names.index, names["label_en"], names["label_zh"], strict=True):
        members = rows[persona_ids.reindex(rows.index) == persona_id]
        for measure in MEASURES:
            value = _number(measure.take(members)) if len(members) else None
            result.append(
                {
                    "persona_id": persona_id,
                    "label_en": label_en,
                    "label_zh": label_zh,
                    "customers": len(members),
                    "share": len(members) / len(rows),
                    "measure": measure.name,
                    "value": value,
                    "overall": overall[measure.name],
                    "words_en": "not known" if value is None else measure.words_en.format(value),
                    "words_zh": "未知" if value is None else measure.words_zh.format(value),
                }
            )
    return pd.DataFrame(result, columns=list(COLUMNS))


def name_personas(table: pd.DataFrame) -> pd.DataFrame:
    """Return names by persona_id (label_en, label_zh): activity, demand and value.

    Equal names are extended by budget, by viewings, and by the number of the group.
    """
    by_measure = table.pivot(index="persona_id", columns="measure", values="value").astype("float64")
    overall = table.drop_duplicates("measure").set_index("measure")["overall"].astype("float64")
    names = {int(persona_id): _plain_name(by_measure.loc[persona_id]) for persona_id in by_measure.index}
    for measure, high, low in (
        ("budget_to_buy_median_wan", ("high budget", "高预算"), ("low budget", "低预算")),
        ("viewings_mean", ("many viewings", "看房多"), ("few viewings", "看房少")),
    ):
        for persona_id in _duplicates(names):
            value, usual = by_measure[measure][persona_id], overall[measure]
            if pd.notna(value) and pd.notna(usual):
                names[persona_id] = _extend(names[persona_id], high if value > usual else low)
    for persona_id in _duplicates(names):
        names[persona_id] = _extend(names[persona_id], (f"group {persona_id}", f"第 {persona_id} 组"))
    labels = pd.DataFrame.from_dict(names, orient="index", columns=["label_en", "label_zh"])
    return labels.rename_axis("persona_id").sort_index()


def _plain_name(row: pd.Series) -> tuple[str, str]:
    quiet = row["quiet_days_median"]
    activity = next((en, zh) for limit, en, zh in ACTIVITY if quiet < limit) if pd.notna(quiet) else ("Known", "在册")
    if row["rent_share"] >= MAJORITY:
        demand = ("renting", "租房")
    elif row["invest_share"] >= MAJORITY:
        demand = ("investing", "投资")
    else:
        demand = ("buying", "购房")
    if row["deal_share"] >= MAJORITY:
        value = ("customers with a deal", "成交客户")
    elif row["subscription_share"] >= MAJORITY:
        value = ("customers with a subscription", "认筹客户")
    else:
        value = ("prospects", "潜在客户")
    return f"{activity[0]} {demand[0]} {value[0]}", f"{activity[1]}{demand[1]}{value[1]}"


def _duplicates(names: dict[int, tuple[str, str]]) -> list[int]:
    counts = pd.Series([en for en, _ in names.values()]).value_counts()
    return [persona_id for persona_id, (en, _) in names.items() if counts[en] > 1]


def _extend(name: tuple[str, str], addition: tuple[str, str]) -> tuple[str, str]:
    return f"{name[0]}, {addition[0]}", f"{name[1]}（{addition[1]}）"


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 6)
