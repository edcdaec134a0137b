"""The words of each feature in a reason. No other module words reasons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models.features.wording import Category, Count, Days, Fact, Since, Value

_EVENT, _EVENTS = "contact by the customer", "contacts by the customer"
_NO_EVENT = ("no contact by the customer so far", "客户至今未主动联系")
_NONE_MISSED = ("in contact as often as usual", "联系频率正常")


def _events(when: str, zh: str) -> Count:
    return Count(_EVENT, _EVENTS, when, f"{zh}客户主动联系{{}}")


def _viewings(when: str, zh: str) -> Count:
    return Count("viewing", "viewings", when, f"{zh}看房{{}}")


def _last(days: int) -> tuple[str, str]:
    return f"in the last {days} days", f"近 {days} 天"


WORDING: dict[str, Count | Days | Since | Value | Category] = {
    "days_since_customer_event": Days(
        "no contact by the customer for {}",
        "a contact by the customer on the day",
        "客户 {}未主动联系",
        "客户当天有主动联系",
        _NO_EVENT,
    ),
    "customer_events_30d": _events(*_last(30)),
    "customer_events_60d": _events(*_last(60)),
    "customer_events_90d": _events(*_last(90)),
    "need_events": _events("for the current need", "本轮需求"),
    "events_missed": Value(
        "{:.1f} contacts fewer than usual since the last one",
        "上次联系以来比平时少联系 {:.1f} 次",
        _NO_EVENT,
        zero=_NONE_MISSED,
    ),
    "events_missed_since_sign": Value(
        "{:.1f} contacts fewer than usual since the last contact or answered call",
        "上次联系或接通以来比平时少联系 {:.1f} 次",
        _NO_EVENT,
        zero=_NONE_MISSED,
    ),
    "events_expected_90d": Value(
        "{:.1f} contacts expected in the next 90 days, at the usual pace",
        "按平时频率，未来 90 天预计联系 {:.1f} 次",
        _NO_EVENT,
        zero=("almost no contact expected in the next 90 days", "未来 90 天预计几乎无联系"),
    ),
    "customer_events_per_30d": Value(
        "{:.1f} contacts by the customer per month",
        "客户每月主动联系 {:.1f} 次",
        _NO_EVENT,
        zero=("no contact by the customer in the last 180 days", "近 180 天客户未主动联系"),
    ),
    "need_span_days": Value(
        "{:,.0f} days between the first and the last contact of the current need",
        "本轮需求已持续联系 {:,.0f} 天",
        _NO_EVENT,
        zero=("all contacts of the current need within two days", "本轮需求的联系集中在两天内"),
        zero_below=1.5,
    ),
    "online_share_180d": Value(
        "{:.0f} % of the contacts online in the last 180 days",
        "近 180 天线上联系占 {:.0f} %",
        ("no contact by the customer in the last 180 days", "近 180 天客户未主动联系"),
        times=100,
    ),
    "viewings_60d": _viewings(*_last(60)),
    "viewings_per_30d": Value(
        "{:.1f} viewings per month",
        "每月看房 {:.1f} 次",
        ("no viewing so far", "至今未看房"),
        zero=("no viewing in the last 180 days", "近 180 天未看房"),
    ),
    "days_since_viewing": Days(
        "no viewing for {}", "a viewing on the day", "{}未看房", "当天有看房", ("no viewing so far", "至今未看房")
    ),
    "appointments_cancelled_90d": Count(
        "cancelled appointment", "cancelled appointments", _last(90)[0], "近 90 天取消预约{}"
    ),
    "complaints_90d": Count("complaint", "complaints", _last(90)[0], "近 90 天投诉{}"),
    "complaints_180d": Count("complaint", "complaints", _last(180)[0], "近 180 天投诉{}"),
    "agent_contacts_30d": Count(
        "contact by the agent", "contacts by the agent", _last(30)[0], "近 30 天置业顾问联系{}"
    ),
    "days_since_agent_contact": Days(
        "no contact by the agent for {}",
        "a contact by the agent on the day",
        "置业顾问 {}未联系",
        "当天置业顾问有联系",
        ("no contact by the agent so far", "置业顾问至今未联系"),
    ),
    "agent_contacts_answered_share_90d": Value(
        "{:.0f} % of the agent's contacts answered by the customer in the last 90 days",
        "近 90 天联系接通率 {:.0f} %",
        ("no contact by the agent in the last 90 days", "近 90 天置业顾问未联系"),
        times=100,
    ),
    "unanswered_contacts_30d": Count(
        "unanswered contact by the agent", "unanswered contacts by the agent", _last(30)[0], "近 30 天未接通{}"
    ),
    "answered_since_last_event": Since(
        "1 call answered", "{} calls answered", "no call answered", "接通 {} 次", "未接通"
    ),
    "unanswered_since_last_event": Since(
        "no reply to 1 call", "no reply to {} calls", "no unanswered call", " {} 次联系未回复", "联系均有回复"
    ),
    "days_since_answered_contact": Days(
        "no call answered for {}",
        "a call answered on the day",
        "{}未接通",
        "当天有接通",
        ("no call answered so far", "至今未接通"),
    ),
    "agent_answer_share_180d": Value(
        "{:.0f} % of the contacts of this agent with all customers answered in 180 days",
        "该置业顾问近 180 天联系接通率 {:.0f} %",
        ("share of answers to this agent not known", "该置业顾问接通率未知"),
        times=100,
    ),
    "days_since_first_known": Days(
        "known for {}", "known since the day itself", "建档 {}", "当天建档", ("first contact not known", "建档日期未知")
    ),
    "subscriptions_total": Count("subscription", "subscriptions", "so far", "累计认购{}"),
    "open_subscriptions": Count("open subscription", "open subscriptions", "", "未签约认购{}"),
    "referrals_180d": Count("referral", "referrals", _last(180)[0], "近 180 天转介绍{}"),
    "satisfaction_180d": Value(
        "last satisfaction score {:.1f}",
        "最近一次满意度 {:.1f} 分",
        ("no satisfaction score in the last 180 days", "近 180 天无满意度评分"),
    ),
    "budget_max_wan": Value(
        "budget up to CNY {:,.0f}", "预算上限 {:,.0f} 元", ("budget not known", "预算未知"), times=10_000
    ),
    "lease_days_left": Value(
        "lease ends in {:,.0f} days", "租约还剩 {:,.0f} 天", ("end of the lease not known", "租约到期日未知")
    ),
    "lease_term_days": Value("lease of {:,.0f} days", "租期 {:,.0f} 天", ("term of the lease not known", "租期未知")),
    "lease_rent_wan": Value(
        "rent of CNY {:,.0f} per month", "月租 {:,.0f} 元", ("rent not known", "租金未知"), times=10_000
    ),
    "winback_contacts_60d": Count("win-back contact", "win-back contacts", _last(60)[0], "近 60 天挽回联系{}"),
    "days_since_purchase": Days(
        "no purchase for {}", "a purchase on the day", "{}未再成交", "当天有成交", ("no purchase so far", "至今未成交")
    ),
    "purchases_90d": Count("purchase", "purchases", _last(90)[0], "近 90 天成交{}"),
    "purchases_365d": Count("purchase", "purchases", _last(365)[0], "近 365 天成交{}"),
    "purchase_contribution_mean": Value(
        "contribution of CNY {:,.0f} per purchase on average",
        "次均贡献 {:,.0f} 元",
        ("contribution of the purchases not known", "成交贡献未知"),
    ),
    "purchases_expected_90d": Value(
        "{:.1f} purchases expected in the next 90 days, at the usual pace",
        "按平时频率，未来 90 天预计成交 {:.1f} 次",
        ("no purchase so far", "至今未成交"),
        zero=("almost no purchase expected in the next 90 days", "未来 90 天预计几乎无成交"),
    ),
    "purchases_missed": Value(
        "{:.1f} purchases fewer than usual since the last one",
        "上次成交以来比平时少成交 {:.1f} 次",
        ("no purchase so far", "至今未成交"),
        zero=("buys as often as usual", "成交频率正常"),
    ),
    "first_channel": Category("first_channel", "first channel", "首次来源渠道"),
    "first_campaign": Category("first_campaign", "first campaign", "首次来源活动"),
    "demand_type": Category("demand_type", "demand type", "需求类型"),
    "purpose": Category("purpose", "purpose", "购房目的"),
    "stated_intent": Category("stated_intent", "stated intent", "意向等级"),
    "preferred_layout": Category("preferred_layout", "preferred layout", "偏好户型"),
    "price_tier": Category("price_tier", "price tier", "价位档"),
}

AGES = {
    "days_since_customer_event": "days_since_customer_event",
    "days_since_purchase": "days_since_purchase",
    "days_since_viewing": "days_since_viewing",
    "days_since_answered_contact": "days_since_answered_contact",
    "days_since_agent_contact": "days_since_agent_contact",
    "answered_since_last_event": "days_since_customer_event",
    "unanswered_since_last_event": "days_since_customer_event",
}
"""Feature → the column that gives the age of its fact, in days before as_of."""


def phrase(feature: str, value: Any, since: Fact | None = None) -> Fact:
    """Return the fact, such as `no reply to 3 calls since 3 May`.

    `value`: number, text or null; counts are never null. `since`: the day on which the fact began, in both languages.

    Raises ValueError for a count that is null.
    """
    wording = WORDING[feature]
    if pd.isna(value):
        if isinstance(wording, Count | Since):
            raise ValueError(f"{feature}: expected a count, got null")
        return wording.missing
    if isinstance(wording, Days | Since):
        return wording.phrase(value, since)
    return wording.phrase(value)


def base_rate(rate: float, population: str, event: Fact, horizon_days: int) -> Fact:
    """Return `3.6 % of engaged customers went quiet within 90 days; the data cannot rank …`."""
    return (
        f"{rate * 100:.1f} % of {population} {event[0]} within {horizon_days} days; the data cannot rank customers yet",
        f"整体 {horizon_days} 天内{event[1]}比例 {rate * 100:.1f} %；现有数据尚无法区分客户",
    )


def effects(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects of facts on a probability, in English and Chinese: `+14 points`; below 1 with a decimal."""
    rounded = np.where(np.abs(points) < 0.95, np.round(points, 1), np.round(points))
    numbers, codes = np.unique(rounded, return_inverse=True)
    texts = ["<0.1" if number == 0 else f"{number:+.1f}" if abs(number) < 1 else f"{number:+.0f}" for number in numbers]
    english = np.array([f" ({text} {'point' if text in ('+1', '-1') else 'points'})" for text in texts], dtype=object)
    chinese = np.array([f"（{text} 个百分点）" for text in texts], dtype=object)
    return english[codes].reshape(points.shape), chinese[codes].reshape(points.shape)


def similar_leads(x: int, n: int, group: Fact, event: Fact, horizon_days: int) -> Fact:
    """Return `3 of 120 similar leads (website, rent) subscribed or signed within 90 days`."""
    return (
        f"{x:,} of {n:,} similar leads ({group[0]}) {event[0]} within {horizon_days} days",
        f"同类线索（{group[1]}）{n:,} 条中 {x:,} 条在 {horizon_days} 天内{event[1]}",
    )
