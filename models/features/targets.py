"""The prediction targets: five questions, each with its own population, label and features. There is no one "churn".

dbt builds populations and labels. The texts here describe them on the model card.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.errors import UnknownTarget
from models.features.features import FEATURES, Feature


@dataclass(frozen=True)
class Target:
    """One question about one population.

    `horizons`: in days; the first is the horizon that grades. `recency`: the feature of the recency rule, which ranks
    by this feature alone. `recency_rises`: whether a higher value means a higher probability. `routes_new_leads`:
    customers without history are scored by their cell. `event_en`, `event_zh`: the label in a reason.
    """

    name: str
    horizons: tuple[int, ...]
    population: str
    label: str
    event_en: str
    event_zh: str
    recency: str
    recency_rises: bool
    features: tuple[Feature, ...]
    routes_new_leads: bool = False

    @property
    def grading_horizon(self) -> int:
        """The horizon whose probabilities make grades and warning levels.

        The seed `horizons.csv` states the horizons for dbt; tests/unit/scoring/test_horizons.py compares both.
        """
        return self.horizons[0]


def feature_names(features: tuple[Feature, ...]) -> list[str]:
    """Return the column names of the features, in order."""
    return [feature.name for feature in features]


def _columns(names: str) -> tuple[Feature, ...]:
    """Return the named features (separated by spaces) in the order of the catalogue, with their signs for silence."""
    wanted = set(names.split())
    return tuple(feature for name, feature in FEATURES.items() if name in wanted)


def _for_activity(names: str) -> tuple[Feature, ...]:
    """Return the named features with opposite signs, for a label of activity."""
    return tuple(replace(feature, sign=-feature.sign) for feature in _columns(names))


_PERSON = (
    "days_since_first_known subscriptions_total referrals_180d budget_max_wan first_channel first_campaign demand_type "
    "purpose"
)
_HAPPY = "satisfaction_180d complaints_90d"
_AGENT = "agent_contacts_answered_share_90d unanswered_contacts_30d"
_ACTIVITY = (
    "days_since_customer_event customer_events_30d customer_events_60d customer_events_per_30d viewings_per_30d "
    "appointments_cancelled_90d need_events need_span_days events_missed events_expected_90d online_share_180d "
    "answered_since_last_event unanswered_since_last_event agent_answer_share_180d stated_intent preferred_layout "
    "price_tier"
)
_ENGAGED = "events_missed_since_sign open_subscriptions"
"""Not for open leads: they have no subscription by definition, and the other feature repeats `events_missed`."""
_LEAD = f"viewings_60d days_since_viewing {_AGENT}"
"""Not for engaged customers: all of them had an event within 60 days, so that these features add nothing."""
_TENANT = (
    "lease_days_left lease_term_days lease_rent_wan days_since_customer_event need_events customer_events_30d "
    "customer_events_per_30d complaints_180d agent_contacts_30d days_since_agent_contact agent_answer_share_180d "
    "referrals_180d"
)
_WINBACK = (
    "days_since_customer_event need_events customer_events_90d customer_events_per_30d events_missed viewings_per_30d "
    "days_since_viewing complaints_180d winback_contacts_60d agent_contacts_30d days_since_agent_contact "
    "answered_since_last_event unanswered_since_last_event days_since_answered_contact agent_answer_share_180d "
    "stated_intent price_tier"
)

_PURCHASES = (
    "days_since_purchase purchases_90d purchases_365d purchase_contribution_mean purchases_expected_90d "
    "purchases_missed"
)
"""Chosen on CDNOW and Online Retail. Windows of 30 and 180 days, gaps and the days since the first purchase do not
improve the ranking. The days since the first purchase grow with the calendar and move the mean prediction by 0.03."""

_DORMANCY = tuple(
    replace(feature, nullable=False) if feature.name == "days_since_customer_event" else feature
    for feature in _columns(f"{_ACTIVITY} {_ENGAGED} {_HAPPY} {_PERSON}")
)
"""An engaged customer has had an event, so that recency is known."""

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            name="intent",
            horizons=(90,),
            population="open leads",
            label="a subscription or signed deal in the {horizon} days after as_of",
            event_en="subscribed or signed",
            event_zh="认购或签约",
            recency="days_since_customer_event",
            recency_rises=False,
            features=_for_activity(f"{_ACTIVITY} {_LEAD} {_HAPPY} {_PERSON}"),
            routes_new_leads=True,
        ),
        Target(
            name="dormancy",
            horizons=(90, 60, 120),
            population="engaged customers",
            label="no customer-initiated event in the {horizon} days after as_of",
            event_en="went quiet",
            event_zh="转为沉默",
            recency="days_since_customer_event",
            recency_rises=True,
            features=_DORMANCY,
        ),
        Target(
            name="tenant_loss",
            horizons=(120,),
            population="tenants whose lease ends within 90 days",
            label="no renewal and no new rental by 30 days after the lease's end",
            event_en="left",
            event_zh="流失",
            recency="days_since_customer_event",
            recency_rises=True,
            features=_columns(f"{_TENANT} {_AGENT} {_HAPPY}"),
        ),
        Target(
            name="winback",
            horizons=(60,),
            population="dormant customers contacted by an agent in the last 30 days",
            label="a reply or a customer-initiated event in the {horizon} days after as_of",
            event_en="came back",
            event_zh="重新互动",
            recency="days_since_customer_event",
            recency_rises=False,
            features=_for_activity(f"{_WINBACK} {_AGENT} {_HAPPY} {_PERSON}"),
        ),
        Target(
            name="purchase_silence",
            horizons=(90,),
            population="buyers, in a home whose buyers buy often",
            label="no further deal signed in the {horizon} days after as_of; a renewal is none",
            event_en="bought nothing",
            event_zh="未再成交",
            recency="days_since_purchase",
            recency_rises=True,
            features=_columns(_PURCHASES),
        ),
    )
}


QUESTIONS = [(name, horizon) for name, target in TARGETS.items() for horizon in target.horizons]
"""Every target at each of its horizons."""
GRADING = ("dormancy", TARGETS["dormancy"].grading_horizon)
"""The question whose model grades customers: without its probabilities, grades rest on rules and rates."""


def target_of(name: str, horizon_days: int) -> Target:
    """Return the target of that name. Raises UnknownTarget for an unknown name or horizon."""
    target = TARGETS.get(name)
    if target is None:
        raise UnknownTarget(f"expected a target of {', '.join(TARGETS)}, found {name}")
    if horizon_days not in target.horizons:
        raise UnknownTarget(f"{name}: expected a horizon of {target.horizons} days, found {horizon_days}")
    return target
