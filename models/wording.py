"""How a feature's value is told as a fact. The only place where reasons are worded."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Count:
    """`3 viewings in the last 60 days`, `1 viewing …`, `no viewing …`."""

    one: str
    many: str
    when: str = ""

    def say(self, value: float) -> str:
        number = "no" if value == 0 else f"{value:,.0f}"
        return f"{number} {self.many if value > 1 else self.one} {self.when}".strip()


@dataclass(frozen=True)
class Days:
    """`known for 12 days`; `zero` words the day itself."""

    text: str
    zero: str

    def say(self, value: float) -> str:
        return self.zero if value == 0 else self.text.format("1 day" if value == 1 else f"{value:,.0f} days")


@dataclass(frozen=True)
class Value:
    """`last satisfaction score 4.0`; the number is multiplied by `times` first."""

    text: str
    missing: str
    times: float = 1.0

    def say(self, value: float) -> str:
        return self.text.format(value * self.times)


@dataclass(frozen=True)
class Category:
    """`first channel: walk_in`."""

    name: str

    @property
    def missing(self) -> str:
        return f"{self.name} not known"

    def say(self, value: str) -> str:
        return f"{self.name}: {value}"


_EVENT, _EVENTS = "customer-initiated event", "customer-initiated events"

WORDING: dict[str, Count | Days | Value | Category] = {
    "days_since_customer_event": Days("no customer-initiated event for {}", "a customer-initiated event on the day"),
    "customer_events_7d": Count(_EVENT, _EVENTS, "in the last 7 days"),
    "customer_events_30d": Count(_EVENT, _EVENTS, "in the last 30 days"),
    "customer_events_60d": Count(_EVENT, _EVENTS, "in the last 60 days"),
    "customer_events_90d": Count(_EVENT, _EVENTS, "in the last 90 days"),
    "customer_events_total": Count(_EVENT, _EVENTS, "so far"),
    "viewings_60d": Count("viewing", "viewings", "in the last 60 days"),
    "viewings_total": Count("viewing", "viewings", "so far"),
    "appointments_cancelled_90d": Count("cancelled appointment", "cancelled appointments", "in the last 90 days"),
    "complaints_90d": Count("complaint", "complaints", "in the last 90 days"),
    "agent_contacts_30d": Count("agent contact", "agent contacts", "in the last 30 days"),
    "agent_contacts_answered_share_90d": Value(
        "{:.0f} % of agent contacts answered in the last 90 days", "no agent contact in the last 90 days", times=100
    ),
    "unanswered_contacts_30d": Count("unanswered agent contact", "unanswered agent contacts", "in the last 30 days"),
    "days_since_first_known": Days("known for {}", "known since the day itself"),
    "subscriptions_total": Count("subscription", "subscriptions", "so far"),
    "referrals_total": Count("referral", "referrals", "so far"),
    "satisfaction_last": Value("last satisfaction score {:.1f}", "no satisfaction score"),
    "satisfaction_count": Count("satisfaction answer", "satisfaction answers", "so far"),
    "lead_records": Count("lead record", "lead records"),
    "budget_max_wan": Value("budget up to {:,.0f}", "budget not known", times=10_000),
    "first_channel": Category("first channel"),
    "demand_type": Category("demand type"),
    "purpose": Category("purpose"),
}


def phrase(feature: str, value: float | str | None) -> str:
    """The fact in English, such as `no customer-initiated event for 41 days`; null is worded too."""
    wording = WORDING[feature]
    return wording.missing if pd.isna(value) else wording.say(value)
