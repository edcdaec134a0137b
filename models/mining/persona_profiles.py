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
DISTINCT = 1.25
"""Ratio of two numbers from which they name groups differently."""
ACTIVITY = (
    (30, "Active", "活跃"),
    (90, "Cooling down", "降温"),
    (180, "Dormant", "沉睡"),
    (float("inf"), "Long silent", "长期沉默"),
)


@dataclass(frozen=True)
class Measure:
    """One number about a group of customers (null if unknown for all), and its words.

    The words have the number multiplied by `times` (`times_zh` in Chinese).
    """

    name: str
    take: Callable[[pd.DataFrame], float]
    words_en: str
    words_zh: str
    times: float = 1.0
    times_zh: float = 1.0

    def in_words(self, value: float | None) -> tuple[str, str]:
        """Return the sentence in English and in Chinese."""
        if value is None:
            return "not known", "未知"
        return self.words_en.format(value * self.times), self.words_zh.format(value * self.times_zh)


def _with_contacts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["is_dormancy_available"].astype(bool)]


def _quiet_days(rows: pd.DataFrame) -> float:
    known = _with_contacts(rows)
    return known["days_since_customer_event"].astype("float64").fillna(known["days_since_first_known"]).median()


def _budget(rows: pd.DataFrame, rents: bool) -> float:
    return rows.loc[rows["demand_type"].eq("rent") == rents, "budget_max_wan"].astype("float64").median()


MEASURES = (
    Measure(
        "deal_share",
        lambda rows: rows["frequency"].gt(0).mean(),
        "{:.0f} % have a deal",
        "{:.0f} % 已成交",
        times=100,
        times_zh=100,
    ),
    Measure(
        "contribution_mean",
        lambda rows: rows["monetary_total"].astype("float64").mean(),
        "CNY {:,.0f} contributed on average",
        "人均贡献 {:,.0f} 元",
    ),
    Measure(
        "subscription_share",
        lambda rows: rows["subscriptions_total"].gt(0).mean(),
        "{:.0f} % have subscribed",
        "{:.0f} % 曾认购",
        times=100,
        times_zh=100,
    ),
    Measure(
        "quiet_days_median",
        _quiet_days,
        "{:.0f} days since the last contact by the customer (median)",
        "客户上次主动联系距今 {:.0f} 天（中位数）",
    ),
    Measure(
        "events_90d_mean",
        lambda rows: _with_contacts(rows)["customer_events_90d"].mean(),
        "{:.1f} contacts by the customer in 90 days (mean)",
        "近 90 天人均主动联系 {:.1f} 次",
    ),
    Measure(
        "viewings_mean",
        lambda rows: _with_contacts(rows)["viewings_total"].mean(),
        "{:.1f} viewings so far (mean)",
        "人均累计看房 {:.1f} 次",
    ),
    Measure(
        "rent_share",
        lambda rows: rows["demand_type"].eq("rent").mean(),
        "{:.0f} % want to rent",
        "{:.0f} % 租房",
        times=100,
        times_zh=100,
    ),
    Measure(
        "invest_share",
        lambda rows: rows["demand_type"].eq("invest").mean(),
        "{:.0f} % want to invest",
        "{:.0f} % 投资",
        times=100,
        times_zh=100,
    ),
    Measure(
        "budget_to_buy_median_wan",
        lambda rows: _budget(rows, False),
        "budget to buy up to CNY {:,.2f} m (median)",
        "购房预算上限 {:,.0f} 万元（中位数）",
        times=0.01,
    ),
    Measure(
        "budget_to_rent_median_wan",
        lambda rows: _budget(rows, True),
        "rent up to CNY {:,.0f} per month (median)",
        "月租预算上限 {:,.0f} 元（中位数）",
        times=10_000,
        times_zh=10_000,
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
            words_en, words_zh = measure.in_words(value)
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
                    "words_en": words_en,
                    "words_zh": words_zh,
                }
            )
    return pd.DataFrame(result, columns=list(COLUMNS))


def name_personas(table: pd.DataFrame) -> pd.DataFrame:
    """Return names by persona_id (label_en, label_zh): activity, demand and value.

    Equal names are extended by viewings, by budget, and by the number of the group. A measure extends names only if its
    numbers differ (DISTINCT) and lie on both sides of that of all customers, or if it is unknown for some of them.
    """
    by_measure = table.pivot(index="persona_id", columns="measure", values="value").astype("float64")
    overall = table.drop_duplicates("measure").set_index("measure")["overall"].astype("float64")
    names = {int(persona_id): _plain_name(by_measure.loc[persona_id]) for persona_id in by_measure.index}
    for measure, high, low in (
        ("viewings_mean", ("many viewings", "看房多"), ("few viewings", "看房少")),
        ("budget_to_buy_median_wan", ("high budget", "高预算"), ("low budget", "低预算")),
    ):
        usual = overall[measure]
        for equal in _duplicates(names):
            known = [persona_id for persona_id in equal if pd.notna(by_measure[measure][persona_id])]
            values = by_measure.loc[known, measure]
            is_split = (values > usual).nunique() > 1 and values.max() >= DISTINCT * values.min()
            if is_split or len(known) < len(equal):
                for persona_id in known:
                    names[persona_id] = _extend(names[persona_id], high if values[persona_id] > usual else low)
    for persona_id in [persona_id for equal in _duplicates(names) for persona_id in equal]:
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
        value = ("customers with a subscription", "认购客户")
    else:
        value = ("prospects", "潜在客户")
    return f"{activity[0]} {demand[0]} {value[0]}", f"{activity[1]}{demand[1]}{value[1]}"


def _duplicates(names: dict[int, tuple[str, str]]) -> list[list[int]]:
    """Return the groups of persona_ids that have one name."""
    by_name: dict[str, list[int]] = {}
    for persona_id, (en, _) in names.items():
        by_name.setdefault(en, []).append(persona_id)
    return [equal for equal in by_name.values() if len(equal) > 1]


def _extend(name: tuple[str, str], addition: tuple[str, str]) -> tuple[str, str]:
    return f"{name[0]}, {addition[0]}", f"{name[1]}（{addition[1]}）"


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 6)
