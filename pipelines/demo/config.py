"""Settings of the demo's world. They are frozen: a change invalidates all documented figures about the demo."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pipelines.errors import TierhouseError


class DemoConfigError(TierhouseError):
    """A setting of the demo is not valid."""


@dataclass(frozen=True)
class Latents:
    """Two correlated log-normal rates of each person per day: customer events and dropout."""

    event_rate_median: float = 0.037
    event_rate_sigma: float = 0.65
    dropout_rate_median: float = 0.030
    dropout_rate_sigma: float = 2.70
    correlation: float = -0.50
    agent_skill_on_dropout: float = -0.20
    event_rate_after_signing: float = 0.30


@dataclass(frozen=True)
class Deals:
    """How a viewing becomes a deal. Shares are probabilities, delays are in days."""

    per_viewing: float = 0.115
    per_viewing_tenant: float = 0.19
    intent_on_deal: float = 0.45
    lapse: float = 0.12
    deposit_first: float = 0.40
    cancellation: float = 0.05
    subscription_to_signing: float = 14.0
    signing_to_cancellation: float = 45.0
    second_need: float = 0.24
    second_need_delay: float = 170.0
    second_need_conversion: float = 2.5
    returning_conversion: float = 1.5
    renewal_logit: float = 0.4


@dataclass(frozen=True)
class Campaign:
    """A past win-back campaign.

    `day`: first contact, in days since the start. `cause`: the cause of dormancy that it addresses. `action`: kind of
    contact. `base` and `base + uplift`: probability to return without and with the contact. `reach`: share of the
    dormant customers that it enrols.
    """

    day: int
    cause: str
    action: str
    base: float
    uplift: float
    reach: float


CAMPAIGNS = (
    Campaign(191, "price", "message", 0.03, 0.05, 0.16),
    Campaign(282, "service", "call", 0.03, 0.09, 0.14),
    Campaign(374, "product", "message", 0.03, 0.00, 0.14),
    Campaign(465, "price", "call", 0.04, 0.11, 0.14),
    Campaign(556, "policy", "message", 0.03, 0.02, 0.14),
    Campaign(648, "competition", "call", 0.03, 0.06, 0.14),
    Campaign(739, "service", "message", 0.03, 0.00, 0.14),
    Campaign(831, "price", "message", 0.04, 0.05, 0.14),
    Campaign(895, "product", "call", 0.03, 0.07, 0.14),
)


@dataclass(frozen=True)
class Dirt:
    """Share of rows with each kind of defect. Each kind affects at least one row."""

    odd_phone: float = 0.45
    upper_case_email: float = 0.04
    full_width_email: float = 0.01
    spaced_name: float = 0.02
    reversed_budget: float = 0.01
    budget_in_yuan: float = 0.003
    agency_phones: float = 0.0002
    broken_lead: float = 0.002
    broken_interaction: float = 0.003
    broken_transaction: float = 0.003
    resent_interaction: float = 0.001
    orphan_interaction: float = 0.0005
    future_interaction: float = 0.00003
    late_lead: float = 0.004
    late_interaction: float = 0.015
    late_transaction: float = 0.015
    household_phone: float = 0.004
    missing_lead_field: float = 0.004
    missing_interaction_field: float = 0.002
    wrong_answer: float = 0.002
    masked_phone: float = 0.006
    placeholder_phone: float = 0.003


@dataclass(frozen=True)
class DemoConfig:
    """The size, days and rates of a world.

    `leads`: number of lead records. `start` and `last_day`: first and last business day, both included. `tail_days`:
    days after the last day that are simulated; only a continuation exports them. `part`, `parts`: a world can be one of
    several parts without common identifiers; `part` counts from 0. `units_per_deal`: with a mean above 1 some buyers
    are institutions that buy several units. Raises DemoConfigError for fewer than 100 leads or less than a year.
    """

    leads: int = 20_000
    seed: int = 20_260_630
    start: date = date(2024, 1, 1)
    last_day: date = date(2026, 6, 30)
    tail_days: int = 60
    part: int = 0
    parts: int = 1
    units_per_deal: float = 1.0
    second_records: float = 0.09
    unlinkable_second_records: float = 0.03
    latents: Latents = field(default_factory=Latents)
    deals: Deals = field(default_factory=Deals)
    dirt: Dirt = field(default_factory=Dirt)
    campaigns: tuple[Campaign, ...] = CAMPAIGNS

    def __post_init__(self) -> None:
        if self.leads < 100:
            raise DemoConfigError(f"leads: expected at least 100, found {self.leads}")
        if self.days < 365:
            raise DemoConfigError(
                f"start, last_day: expected a year or more, found {self.start} to {self.last_day} ({self.days} days)"
            )

    @property
    def days(self) -> int:
        return (self.last_day - self.start).days + 1

    @property
    def horizon(self) -> int:
        """Number of simulated days."""
        return self.days + self.tail_days

    @property
    def people(self) -> int:
        return round(self.leads / (1 + self.second_records))
