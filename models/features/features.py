"""The catalogue of features: every column that a model may read. A model ignores all other columns.

Protected attributes (age, gender, household, ethnicity) are not in the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Feature:
    """One column, as known at the end of day as_of.

    `scale`: `log` for counts, days and money (log1p before scaling), `linear` for bounded numbers, `category` for
    text. `nullable`: null means "none" or "not known"; for other features null is an error. `maximum`: larger values
    are an error. `cap`: larger values and null are replaced by the cap, so that a column does not grow with the age of
    a home; without a cap, null has a weight of its own. `sign`: 1 if a higher value can only make silence more likely,
    -1 if only less likely, 0 if that is not known. `group`: features of one group are correlated and are one reason.
    """

    name: str
    scale: Literal["log", "linear", "category"]
    label_en: str
    label_zh: str
    nullable: bool = False
    maximum: float = np.inf
    cap: float | None = None
    sign: int = 0
    group: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the content for a model card. An unbounded maximum is null."""
        return vars(self) | {"maximum": None if np.isinf(self.maximum) else self.maximum}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Feature:
        """Return the feature that `as_json` wrote."""
        return cls(**content | {"maximum": np.inf if content["maximum"] is None else content["maximum"]})


WINDOW = 180
"""Days of the longest window, and the cap of days since something happened."""
KNOWN = 90
"""Cap of ages in days: the youngest home that can be trained is 90 days old, and all its customers are younger."""


def _category(name: str, label_en: str, label_zh: str) -> Feature:
    return Feature(name, "category", label_en, label_zh, nullable=True, group=name)


def _nullable(name: str, label_en: str, label_zh: str, group: str, sign: int = 0) -> Feature:
    return Feature(name, "log", label_en, label_zh, nullable=True, group=group, sign=sign)


def _days(name: str, label_en: str, label_zh: str, group: str, sign: int = 0, cap: int = WINDOW) -> Feature:
    return Feature(name, "log", label_en, label_zh, nullable=True, cap=float(cap), group=group, sign=sign)


def _share(name: str, label_en: str, label_zh: str, group: str, sign: int = 0) -> Feature:
    return Feature(name, "linear", label_en, label_zh, nullable=True, maximum=1.0, group=group, sign=sign)


def _count(name: str, label_en: str, label_zh: str, group: str, sign: int = 0) -> Feature:
    return Feature(name, "log", label_en, label_zh, group=group, sign=sign)


_ALL = (
    _days(
        "days_since_customer_event", "days since the last customer-initiated event", "距上次主动联系天数", "recency", 1
    ),
    _nullable("events_missed", "events missed in the silence", "沉默期内缺少的联系次数", "recency", 1),
    _nullable(
        "events_missed_since_sign",
        "events missed since the last sign of life",
        "上次联系或接通以来缺少的联系次数",
        "recency",
        1,
    ),
    _count("customer_events_30d", "customer-initiated events, 30 days", "近30天客户主动联系次数", "activity", -1),
    _count("customer_events_60d", "customer-initiated events, 60 days", "近60天客户主动联系次数", "activity", -1),
    _count("customer_events_90d", "customer-initiated events, 90 days", "近90天客户主动联系次数", "activity", -1),
    _count(
        "customer_events_per_30d",
        "customer-initiated events per 30 days, 180 days",
        "近180天每30天客户主动联系次数",
        "activity",
        -1,
    ),
    _nullable("events_expected_90d", "events to expect in 90 days", "未来90天预计联系次数", "activity", -1),
    Feature(
        "need_events",
        "log",
        "customer-initiated events of the current need",
        "本轮需求客户主动联系次数",
        cap=30.0,
        sign=-1,
        group="need",
    ),
    _days(
        "need_span_days",
        "days from the first to the last event of the current need",
        "本轮需求联系持续天数",
        "need",
        -1,
        cap=365,
    ),
    _share("online_share_180d", "online events, share, 180 days", "近180天线上联系占比", "online"),
    _count("viewings_60d", "viewings, 60 days", "近60天看房次数", "viewings", -1),
    _count("viewings_per_30d", "viewings per 30 days, 180 days", "近180天每30天看房次数", "viewings", -1),
    _days("days_since_viewing", "days since the last viewing", "距上次看房天数", "viewings", 1),
    _count("appointments_cancelled_90d", "cancelled appointments, 90 days", "近90天取消预约次数", "appointments"),
    _count("complaints_90d", "complaints, 90 days", "近90天投诉次数", "satisfaction"),
    _count("complaints_180d", "complaints, 180 days", "近180天投诉次数", "satisfaction"),
    _count("agent_contacts_30d", "agent contacts, 30 days", "近30天置业顾问联系次数", "agent contact"),
    _days("days_since_agent_contact", "days since the last agent contact", "距上次置业顾问联系天数", "agent contact"),
    _share(
        "agent_contacts_answered_share_90d",
        "agent contacts answered, share, 90 days",
        "近90天置业顾问联系接通率",
        "answers",
        -1,
    ),
    _count("unanswered_contacts_30d", "unanswered agent contacts, 30 days", "近30天未接通联系次数", "answers", 1),
    _count("answered_since_last_event", "answered contacts since the last event", "上次联系后接通次数", "answers", -1),
    _count(
        "unanswered_since_last_event", "unanswered contacts since the last event", "上次联系后未接通次数", "answers", 1
    ),
    _days("days_since_answered_contact", "days since the last answered contact", "距上次接通天数", "answers", 1),
    _share(
        "agent_answer_share_180d",
        "answered share of the agent's contacts, 180 days",
        "顾问近180天联系接通率",
        "agent",
        -1,
    ),
    _days("days_since_first_known", "days since first known", "建档天数", "age", cap=KNOWN),
    Feature("subscriptions_total", "log", "has subscribed", "曾经认购", cap=1.0, group="subscriptions"),
    _count("open_subscriptions", "open subscriptions", "未签约认购数", "subscriptions"),
    _count("referrals_180d", "referrals, 180 days", "近180天转介绍次数", "referrals", -1),
    Feature(
        "satisfaction_180d",
        "linear",
        "last satisfaction score, 180 days",
        "近180天最近一次满意度",
        nullable=True,
        sign=-1,
        group="satisfaction",
    ),
    _nullable("budget_max_wan", "budget, upper end, in 10,000", "预算上限(万)", "budget"),
    _nullable("lease_days_left", "days until the lease ends", "租约剩余天数", "lease"),
    _nullable("lease_term_days", "term of the lease in days", "租期天数", "lease"),
    _nullable("lease_rent_wan", "rent per month, in 10,000", "月租金(万)", "rent"),
    _count("winback_contacts_60d", "win-back contacts, 60 days", "近60天挽回联系次数", "agent contact"),
    Feature(
        "days_since_purchase",
        "log",
        "days since the last purchase",
        "距上次成交天数",
        cap=730.0,
        sign=1,
        group="purchase recency",
    ),
    _count("purchases_90d", "purchases, 90 days", "近90天成交次数", "purchases", -1),
    _count("purchases_365d", "purchases, 365 days", "近365天成交次数", "purchases", -1),
    _nullable("purchase_contribution_mean", "contribution per purchase", "次均贡献", "purchase value"),
    _count("purchases_expected_90d", "purchases to expect in 90 days", "未来90天预计成交次数", "purchases", -1),
    _count(
        "purchases_missed", "purchases missed since the last one", "上次成交以来缺少的成交次数", "purchase recency", 1
    ),
    _category("first_channel", "first channel", "首次来源渠道"),
    _category("first_campaign", "first campaign", "首次来源活动"),
    _category("demand_type", "demand type", "需求类型"),
    _category("purpose", "purpose", "购房目的"),
    _category("stated_intent", "stated intent", "意向等级"),
    _category("preferred_layout", "preferred layout", "偏好户型"),
    _category("price_tier", "price tier", "价位档"),
)

FEATURES: dict[str, Feature] = {feature.name: feature for feature in _ALL}
"""Name → feature. The order decides ties between reasons."""
