"""Log-likelihoods of the observations other than times of events, at the nodes of the ceiling's grid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.special import ndtr
from scipy.stats import gamma

from pipelines.demo.ceiling.observed import Rows
from pipelines.demo.chance import Booleans, Floats
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import contacts, deals, market, records
from pipelines.demo.world.history import History
from pipelines.demo.world.timeline import COMPLAINT, DROPOUT_ON_COMPLAINT, KINDS, SHARE_BEFORE_SIGNING, VIEWING

SURVEY = KINDS.index("survey")
SCORES = np.arange(1.0, 6.0)


@dataclass(frozen=True)
class Answers:
    """Likelihood of the answers since the last event.

    `alive`: if the person has not dropped out. `gone`: if the person dropped out in the cell (persons x cells).
    """

    alive: Floats
    gone: Floats


@dataclass(frozen=True)
class Unsigned:
    """Likelihood of an unsigned 认筹, refunded or not.

    `alive`: if the person has not dropped out. `gone`: if the person dropped out in the cell. `signs`: probability that
    a person who has not dropped out signs it.
    """

    alive: Floats
    gone: Floats
    signs: Floats


def of_intent(rows: Rows, z: Floats, history: History, config: DemoConfig) -> Floats:
    """Evidence of stated intent and of the result of each viewing. Shape: persons x event nodes."""
    people = history.people.iloc[rows.person]
    stated = rows.of(history.records.rename(columns={"created": "t"}))
    level = stated["stated"].to_numpy()
    bounds = np.concatenate([[-np.inf], records.INTENT_CUTS, [np.inf]]) * np.hypot(1, records.INTENT_NOISE)
    known = level >= 0
    at = z[stated["row"].to_numpy()[known]]
    low, high = (bounds[level[known] + up][:, None] for up in (0, 1))
    seen = np.log(ndtr((high - at) / records.INTENT_NOISE) - ndtr((low - at) / records.INTENT_NOISE) + 1e-300)
    log = _summed(seen, stated["row"].to_numpy()[known], len(z))
    opened = rows.of(history.deals.assign(t=history.deals["opened"]))
    first_deal = np.full(len(z), np.inf)
    np.minimum.at(first_deal, opened["row"].to_numpy(), opened["opened"].to_numpy())
    viewings = rows.past[rows.past["kind"] == VIEWING]
    idle = viewings[viewings["t"].to_numpy() + 0.01 < first_deal[viewings["row"]] - 0.02]
    chance = deals.success((people["demand"] == market.RENT).to_numpy()[:, None], z, 1.0, config.deals)
    log += np.bincount(idle["row"], minlength=len(z))[:, None] * np.log1p(-chance)
    return log + np.isfinite(first_deal)[:, None] * np.log(chance)


def of_leaving(rows: Rows, z: Floats, history: History) -> Floats:
    """Evidence of complaints, cancelled appointments and satisfaction scores. Shape: persons x dropout nodes."""
    size, past = len(z), rows.past[~rows.past["met"].astype(bool)]
    drawn = past[~past["opening"]]
    complaint = (drawn["kind"] == COMPLAINT).to_numpy()
    weight = SHARE_BEFORE_SIGNING[COMPLAINT] * np.exp(DROPOUT_ON_COMPLAINT * z)
    every = weight + 1 - SHARE_BEFORE_SIGNING[COMPLAINT]
    log = np.bincount(drawn["row"][complaint], minlength=size)[:, None] * np.log(weight)
    log -= np.bincount(drawn["row"], minlength=size)[:, None] * np.log(every)

    viewings = past[past["kind"] == VIEWING]
    begin, end = contacts.CANCELLED_WITHIN
    seen = np.clip((rows.cut - viewings["t"].to_numpy() - begin) / (end - begin), 0, 1)
    cancelled = np.bincount(rows.of(history.cancelled)["row"], minlength=size)
    kept = np.maximum(np.bincount(viewings["row"], weights=seen, minlength=size) - cancelled, 0)
    chance = contacts.cancel_chance(z)
    log += cancelled[:, None] * np.log(chance) + kept[:, None] * np.log1p(-chance)

    asked = past[past["kind"].isin([VIEWING, SURVEY]) | past["score"].notna()]
    row = asked["row"].to_numpy()
    skill = history.staff["skill"].to_numpy()[asked["agent"]]
    surveyed = (asked["kind"] == SURVEY).to_numpy()
    return log + _summed(_scores(z[row], skill, asked["score"].to_numpy(), surveyed), row, size)


def _scores(z: Floats, skill: Floats, score: Floats, surveyed: Booleans) -> Floats:
    """The log-likelihood of each requested score or missing score, at the nodes of its person."""
    felt = contacts.satisfaction_mean(z, skill[:, None])
    bounds = np.concatenate([[-np.inf], SCORES[:-1] + 0.5, [np.inf]])
    below = [ndtr((bound - felt) / contacts.SATISFACTION_SIGMA) for bound in bounds]
    each = [high - low for low, high in pairwise(below)]
    withheld = sum(
        share * contacts.score_withheld(np.asarray(value)) for share, value in zip(each, SCORES, strict=True)
    )
    none = np.where(surveyed[:, None], withheld, 1 - contacts.VIEWING_RATED * (1 - withheld))
    given = np.choose(np.nan_to_num(score, nan=1).astype(int)[:, None] - 1, each)
    return np.log(np.where(np.isnan(score)[:, None], none, given) + 1e-300)


def of_answers(rows: Rows, edges: Floats, history: History) -> Answers:
    """Evidence of answers. `edges`: of the cells of the dropout time, persons x (cells + 1)."""
    contacted = rows.of(history.outgoing[history.outgoing["answered"].notna()])
    contacted = contacted[contacted["t"].to_numpy() > rows.last[contacted["row"]]]
    row, answered = contacted["row"].to_numpy(), contacted["answered"].astype(bool).to_numpy()[:, None]
    skill = history.staff["skill"].to_numpy()[contacted["agent"]][:, None]
    begin, end = edges[row, :-1], edges[row, 1:]
    still_there = np.clip((end - contacted["t"].to_numpy()[:, None]) / np.maximum(end - begin, 1e-9), 0, 1)
    never, after = (contacts.answer_chance(np.array([[state]]), skill) for state in (True, False))
    chance = still_there * never + (1 - still_there) * after
    size = len(rows.person)
    gone = _summed(np.log(np.where(answered, chance, 1 - chance)), row, size)
    alive = _summed(np.log(np.where(answered, never, 1 - never)), row, size)[:, 0]
    return Answers(np.exp(alive), np.exp(gone))


def of_unsigned_deal(rows: Rows, middle: Floats, config: DemoConfig) -> Unsigned:
    """Evidence of an unsigned 认筹. `middle`: of the cells.

    People who have dropped out do not sign. People who sign write a message on the day before.
    """
    terms, has = config.deals, ~np.isnan(rows.deal)
    since = np.where(has, rows.cut - rows.deal, 0.0)
    left_after = np.where(has[:, None], middle - rows.deal[:, None], 0.0)

    def waits(days: Floats) -> Floats:
        return gamma.sf(days - 1, 2, scale=terms.subscription_to_signing / 2)

    unsettled = np.where(rows.refunded, 1.0, gamma.sf(since - 3, 2, scale=10))
    lapses, signs = terms.lapse * unsettled, (1 - terms.lapse) * waits(since) * ~rows.refunded
    gone = (terms.lapse + (1 - terms.lapse) * waits(left_after)) * unsettled[:, None]
    return Unsigned(
        alive=np.where(has, signs + lapses, 1.0),
        gone=np.where(has[:, None], gone, 1.0),
        signs=np.where(has, signs / (signs + lapses), 0.0),
    )


def _summed(values: Floats, row: np.ndarray, size: int) -> Floats:
    """Sums of the rows of `values` by person."""
    by_person = sparse.csr_matrix((np.ones(len(row)), (row, np.arange(len(row)))), shape=(size, len(row)))
    return by_person @ values
