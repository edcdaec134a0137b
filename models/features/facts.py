"""The words of each feature in a reason. No other module words reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.features.wording import Category, Count, Days, Fact, Since, Value

_EVENT, _EVENTS = "customer-initiated event", "customer-initiated events"
_NO_EVENT = ("no customer-initiated event so far", "至今无客户主动互动")
_NONE_MISSED = ("no event missed so far, at the usual pace", "按平时节奏未缺少互动")


def _events(when: str, zh: str) -> Count:
    return Count(_EVENT, _EVENTS, when, f"{zh}客户主动互动{{}}")


def _viewings(when: str, zh: str) -> Count:
    return Count("viewing", "viewings", when, f"{zh}带看{{}}")


def _last(days: int) -> tuple[str, str]:
    return f"in the last {days} days", f"近{days}天"


WORDING: dict[str, Count | Days | Since | Value | Category] = {
    "days_since_customer_event": Days(
        "no customer-initiated event for {}",
        "a customer-initiated event on the day",
        "{}无客户主动互动",
        "当天有客户主动互动",
        _NO_EVENT,
    ),
    "customer_events_30d": _events(*_last(30)),
    "customer_events_60d": _events(*_last(60)),
    "customer_events_90d": _events(*_last(90)),
    "need_events": _events("of the current need", "本轮需求"),
    "events_missed": Value(
        "{:.1f} events missed in the silence, at the usual pace",
        "沉默期内按平时节奏少互动{:.1f}次",
        _NO_EVENT,
        zero=_NONE_MISSED,
    ),
    "events_missed_since_sign": Value(
        "{:.1f} events missed since the last event or answered call, at the usual pace",
        "上次互动或应答以来按平时节奏少互动{:.1f}次",
        _NO_EVENT,
        zero=_NONE_MISSED,
    ),
    "events_expected_90d": Value(
        "{:.1f} events to expect in the next 90 days, at the usual pace",
        "按平时节奏未来90天预计互动{:.1f}次",
        _NO_EVENT,
        zero=("hardly an event to expect in the next 90 days", "未来90天预计几乎无互动"),
    ),
    "customer_events_per_30d": Value(
        "{:.1f} customer-initiated events a month",
        "每月客户主动互动{:.1f}次",
        _NO_EVENT,
        zero=("no customer-initiated event in the last 180 days", "近180天无客户主动互动"),
    ),
    "need_span_days": Value(
        "{:,.0f} days between the first and the last contact of the current need",
        "本轮需求已持续互动{:,.0f}天",
        _NO_EVENT,
        zero=("all contact of the current need within two days", "本轮需求互动均在两天之内"),
        zero_below=1.5,
    ),
    "online_share_180d": Value(
        "{:.0f} % of events online in the last 180 days",
        "近180天线上互动占{:.0f}%",
        ("no event in the last 180 days", "近180天无互动"),
        times=100,
    ),
    "viewings_60d": _viewings(*_last(60)),
    "viewings_per_30d": Value(
        "{:.1f} viewings a month",
        "每月带看{:.1f}次",
        ("no viewing so far", "至今未带看"),
        zero=("no viewing in the last 180 days", "近180天未带看"),
    ),
    "days_since_viewing": Days(
        "no viewing for {}", "a viewing on the day", "{}未带看", "当天有带看", ("no viewing so far", "至今未带看")
    ),
    "appointments_cancelled_90d": Count(
        "cancelled appointment", "cancelled appointments", _last(90)[0], "近90天取消预约{}"
    ),
    "complaints_90d": Count("complaint", "complaints", _last(90)[0], "近90天投诉{}"),
    "complaints_180d": Count("complaint", "complaints", _last(180)[0], "近180天投诉{}"),
    "agent_contacts_30d": Count("agent contact", "agent contacts", _last(30)[0], "近30天顾问联系{}"),
    "days_since_agent_contact": Days(
        "no agent contact for {}",
        "an agent contact on the day",
        "{}无顾问联系",
        "当天有顾问联系",
        ("no agent contact so far", "至今无顾问联系"),
    ),
    "agent_contacts_answered_share_90d": Value(
        "{:.0f} % of agent contacts answered in the last 90 days",
        "近90天顾问联系应答率{:.0f}%",
        ("no agent contact in the last 90 days", "近90天无顾问联系"),
        times=100,
    ),
    "unanswered_contacts_30d": Count(
        "unanswered agent contact", "unanswered agent contacts", _last(30)[0], "近30天未应答联系{}"
    ),
    "answered_since_last_event": Since(
        "1 call answered", "{} calls answered", "no call answered", "应答联系{}次", "无应答联系"
    ),
    "unanswered_since_last_event": Since(
        "no reply to 1 call", "no reply to {} calls", "no unanswered call", "{}次联系未回复", "无未回复联系"
    ),
    "days_since_answered_contact": Days(
        "no call answered for {}",
        "a call answered on the day",
        "{}无应答",
        "当天有应答",
        ("no call answered so far", "至今无应答"),
    ),
    "agent_answer_share_180d": Value(
        "{:.0f} % of the agent's contacts answered in 180 days",
        "顾问近180天联系应答率{:.0f}%",
        ("answers to the agent not known", "顾问应答率未知"),
        times=100,
    ),
    "days_since_first_known": Days(
        "known for {}", "known since the day itself", "建档{}", "当天建档", ("first contact not known", "建档日期未知")
    ),
    "subscriptions_total": Count("subscription", "subscriptions", "so far", "曾认筹{}"),
    "open_subscriptions": Count("open subscription", "open subscriptions", "", "未签约认筹{}"),
    "referrals_180d": Count("referral", "referrals", _last(180)[0], "近180天转介绍{}"),
    "satisfaction_180d": Value(
        "last satisfaction score {:.1f}",
        "最近一次满意度{:.1f}分",
        ("no satisfaction score in the last 180 days", "近180天无满意度评分"),
    ),
    "budget_max_wan": Value(
        "budget up to {:,.0f}", "预算上限{:,.0f}元", ("budget not known", "预算未知"), times=10_000
    ),
    "lease_days_left": Value(
        "lease ends in {:,.0f} days", "租约还剩{:,.0f}天", ("end of the lease not known", "租约到期日未知")
    ),
    "lease_term_days": Value("lease of {:,.0f} days", "租期{:,.0f}天", ("term of the lease not known", "租期未知")),
    "lease_rent_wan": Value("rent {:,.0f} a month", "月租{:,.0f}元", ("rent not known", "租金未知"), times=10_000),
    "winback_contacts_60d": Count("win-back contact", "win-back contacts", _last(60)[0], "近60天挽回联系{}"),
    "days_since_purchase": Days(
        "no purchase for {}", "a purchase on the day", "{}未再成交", "当天有成交", ("no purchase so far", "至今未成交")
    ),
    "purchases_90d": Count("purchase", "purchases", _last(90)[0], "近90天成交{}"),
    "purchases_365d": Count("purchase", "purchases", _last(365)[0], "近365天成交{}"),
    "purchase_contribution_mean": Value(
        "contribution of CNY {:,.0f} per purchase on average",
        "次均贡献{:,.0f}元",
        ("contribution of the purchases not known", "成交贡献未知"),
    ),
    "purchases_expected_90d": Value(
        "{:.1f} purchases to expect in 90 days, at the customer's own pace",
        "按客户自身节奏90天预计成交{:.1f}次",
        ("no purchase so far", "至今未成交"),
        zero=("hardly a purchase to expect in 90 days", "未来90天预计几乎无成交"),
    ),
    "purchases_missed": Value(
        "{:.1f} purchases missed since the last one, at the customer's own pace",
        "按客户自身节奏上次成交以来少成交{:.1f}次",
        ("no purchase so far", "至今未成交"),
        zero=("no purchase missed so far, at the customer's own pace", "按客户自身节奏未缺少成交"),
    ),
    "first_channel": Category("first channel", "首次来源渠道"),
    "first_campaign": Category("first campaign", "首次来源活动"),
    "demand_type": Category("demand type", "需求类型"),
    "purpose": Category("purpose", "购房目的"),
    "stated_intent": Category("stated intent", "意向等级"),
    "preferred_layout": Category("preferred layout", "偏好户型"),
    "price_tier": Category("price tier", "价位档"),
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


def phrase(feature: str, value: Any, since: date | None = None) -> Fact:
    """Return the fact, such as `no reply to 3 calls since 3 May`. `value`: number, text or null; counts are never null.

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
    """Return `3.6 % of engaged relationships went quiet within 90 days: nothing tells them apart yet`."""
    return (
        f"{rate:.1%} of {population} {event[0]} within {horizon_days} days: nothing tells them apart yet",
        f"{horizon_days}天内整体{event[1]}比例{rate:.1%}:尚无法区分客户",
    )


def effects(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects of facts on a probability, in English and Chinese: `+14 points`; below 1 with a decimal."""
    rounded = np.where(np.abs(points) < 0.95, np.round(points, 1), np.round(points))
    numbers, codes = np.unique(rounded, return_inverse=True)
    texts = ["<0.1" if number == 0 else f"{number:+.1f}" if abs(number) < 1 else f"{number:+.0f}" for number in numbers]
    english = np.array([f" ({text} {'point' if text in ('+1', '-1') else 'points'})" for text in texts], dtype=object)
    chinese = np.array([f"({text}个百分点)" for text in texts], dtype=object)
    return english[codes].reshape(points.shape), chinese[codes].reshape(points.shape)


def such_leads(x: int, n: int, group: str, event: Fact, horizon_days: int) -> Fact:
    """Return `3 of 120 such leads (online, new) subscribed or signed within 90 days`."""
    return (
        f"{x:,} of {n:,} such leads ({group}) {event[0]} within {horizon_days} days",
        f"同类线索({group}){n:,}条中{x:,}条在{horizon_days}天内{event[1]}",
    )
