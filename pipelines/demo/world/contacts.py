"""Contacts by agents, cancelled appointments, answers and satisfaction scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import NULL, Booleans, Floats, logistic, pick, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world.timeline import KINDS, VIEWING

CONTACT_KINDS = ("call", "message", "follow_up")
CONTACT_SHARES = (0.50, 0.28, 0.22)
REPLIES_PER_EVENT = 0.30
FIRST_REPLY = 0.85
CHASING_DAYS = 60
DAYS_BETWEEN_CHASES = 42
QUIET_AFTER_SIGNING = 0.3
ANSWER_LOGIT_ALIVE = 0.55
ANSWER_LOGIT_GONE = -1.35
SKILL_ON_ANSWER = 0.35
CANCELLED_VIEWING_LOGIT = -2.1
VIEWING_RATED = 0.2
SATISFACTION_SIGMA = 0.8
CANCELLED_WITHIN = (0.5, 7.0)
COMPLAINT_CATEGORIES = ("price", "service", "product", "policy", "competition")
COMPLAINT_SHARES = np.array([0.25, 0.35, 0.20, 0.12, 0.08])
TOPICS = ("price", "mortgage", "layout", "location", "school", "delivery", "contract")
TOPIC_SHARES = np.array([0.28, 0.16, 0.18, 0.16, 0.10, 0.06, 0.06])


def outgoing(events: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: agent-initiated contact. Columns: person, record, agent, t, kind (name), answered (or null).

    Agents reply to events and follow up silent customers for some weeks. They know the past, not the latent state.
    Customers who have dropped out answer less often.
    """
    rng = stream(config.seed, "contacts")
    t, person = events["t"].to_numpy(), events["person"].to_numpy()
    following = np.append(t[1:], np.inf)
    following[np.append(person[1:] != person[:-1], True)] = config.horizon
    window = np.minimum(following - t, CHASING_DAYS)
    quiet = np.where(events["met"], QUIET_AFTER_SIGNING, 1.0) * staff["diligence"].to_numpy()[events["agent"]]
    replies = rng.poisson(REPLIES_PER_EVENT * quiet) + (events["first"] & (rng.random(len(t)) < FIRST_REPLY))
    chases = rng.poisson(quiet * window / DAYS_BETWEEN_CHASES)
    reply_row, chase_row = np.repeat(np.arange(len(t)), replies), np.repeat(np.arange(len(t)), chases)
    row = np.concatenate([reply_row, chase_row])
    delay = np.concatenate(
        [0.05 + rng.exponential(0.8, len(reply_row)), rng.uniform(0, 1, len(chase_row)) * window[chase_row]]
    )
    contacts = events.iloc[row][["person", "record", "agent", "dropout"]].reset_index(drop=True)
    contacts["t"] = t[row] + delay
    contacts = contacts[contacts["t"] < config.horizon].reset_index(drop=True)
    kinds = np.array(CONTACT_KINDS, dtype=object)
    contacts["kind"] = rng.choice(kinds, len(contacts), p=CONTACT_SHARES)
    contacts["answered"] = _answers(rng, contacts, staff)
    return contacts.drop(columns="dropout")


def _answers(rng: np.random.Generator, contacts: pd.DataFrame, staff: pd.DataFrame) -> np.ndarray:
    alive = contacts["t"].to_numpy() < contacts["dropout"].to_numpy()
    answered = rng.random(len(contacts)) < answer_chance(alive, staff["skill"].to_numpy()[contacts["agent"]])
    return np.where(contacts["kind"] == "follow_up", NULL, answered)


def answer_chance(alive: Booleans, skill: Floats) -> Floats:
    """The probability that a customer answers a contact of an agent."""
    return logistic(np.where(alive, ANSWER_LOGIT_ALIVE, ANSWER_LOGIT_GONE) + SKILL_ON_ANSWER * skill)


def campaign_answers(
    members: pd.DataFrame, events: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig
) -> np.ndarray:
    """Whether treated members answered. Members who return answer like customers who have not dropped out."""
    rng = stream(config.seed, "campaign answers")
    last = events.groupby("person")["dropout"].max().reindex(members["person"]).to_numpy()
    contacted = members.assign(dropout=np.where(members["start"].notna(), np.inf, last), kind="call")
    return np.where(members["treated"], _answers(rng, contacted, staff), NULL)


def cancelled_viewings(events: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: appointment that the customer cancels in the week after a viewing. Columns as `outgoing`."""
    rng = stream(config.seed, "cancelled viewings")
    viewings = events[events["kind"] == VIEWING]
    chance = cancel_chance(people["z_dropout"].to_numpy()[viewings["person"]])
    cancelled = viewings[rng.random(len(viewings)) < chance]
    rows = cancelled[["person", "record", "agent"]].assign(
        t=cancelled["t"] + rng.uniform(*CANCELLED_WITHIN, len(cancelled)), kind="cancellation", answered=None
    )
    return rows[rows["t"] < config.horizon].reset_index(drop=True)


def cancel_chance(z_dropout: Floats) -> Floats:
    """The probability that the customer cancels the appointment after a viewing."""
    return logistic(CANCELLED_VIEWING_LOGIT + 0.5 * z_dropout)


def incoming_answered(events: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig) -> np.ndarray:
    """Whether the agent answered an incoming call; null for other events."""
    rng = stream(config.seed, "incoming")
    skill = staff["skill"].to_numpy()[events["agent"]]
    taken = rng.random(len(events)) < logistic(1.8 + SKILL_ON_ANSWER * skill)
    return np.where(events["kind"] == KINDS.index("call"), taken, NULL)


def satisfaction(events: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig) -> Floats:
    """Scores from 1 to 5 of surveys and some viewings, else NaN. Dissatisfied customers withhold them more often."""
    rng = stream(config.seed, "satisfaction")
    unhappy = people["z_dropout"].to_numpy()[events["person"]]
    felt = satisfaction_mean(unhappy, staff["skill"].to_numpy()[events["agent"]])
    felt = felt + rng.normal(0, SATISFACTION_SIGMA, len(events))
    score = np.clip(np.round(felt), 1, 5)
    asked = _asked(rng, events)
    silent = rng.random(len(events)) < score_withheld(score)
    return np.where(asked & ~silent, score, np.nan)


def satisfaction_mean(z_dropout: Floats, skill: Floats) -> Floats:
    """The mean satisfaction, on the scale from 1 to 5."""
    return 3.2 - 0.5 * z_dropout + 0.25 * skill


def score_withheld(score: Floats) -> Floats:
    """The probability that a customer withholds a requested score."""
    return logistic(-1.2 + 0.6 * (4 - score))


def _asked(rng: np.random.Generator, events: pd.DataFrame) -> Booleans:
    kind = events["kind"].to_numpy()
    return (kind == KINDS.index("survey")) | ((kind == VIEWING) & (rng.random(len(kind)) < VIEWING_RATED))


def complaint_details(rows: int, config: DemoConfig) -> tuple[np.ndarray, Floats]:
    """Category and days until the resolution (NaN for never) of this number of complaints."""
    rng = stream(config.seed, "complaints")
    category = np.array(COMPLAINT_CATEGORIES, dtype=object)[pick(rng, np.tile(COMPLAINT_SHARES, (rows, 1)))]
    return category, np.where(rng.random(rows) < 0.88, rng.lognormal(-0.2, 1.0, rows), np.nan)


def topics(rows: int, config: DemoConfig) -> np.ndarray:
    """The topics of this number of interactions; null for about a third of them."""
    rng = stream(config.seed, "topics")
    topic = np.array(TOPICS, dtype=object)[pick(rng, np.tile(TOPIC_SHARES, (rows, 1)))]
    return np.where(rng.random(rows) < 0.35, NULL, topic)
