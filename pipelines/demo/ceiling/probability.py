"""The Bayes ceiling: the probability of dormancy given everything that can be observed of a person.

Method: the two latent rates are integrated over a fixed grid of their logarithms (trapezoid rule). The time of dropout
is integrated over cells between the last event and the month-end, with the exact probability mass of each cell.

Evidence: times of customer events with the season; channel, demand, budget and agent; answered and unanswered contacts
since the last event; stated intent; satisfaction scores, given and withheld; complaints; cancelled appointments;
viewings without a deal; unsigned 认筹.

Not used: events before a win-back, win-backs within the horizon, fewer events after a cancelled signing, referrals. The
result is therefore a lower bound of the true ceiling; the difference is small, because such rows are few. The ceiling
uses the true skill of each agent and the history without dirt, so a model on the exports cannot reach it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.demo.ceiling import evidence
from pipelines.demo.ceiling.observed import Rows, observed_rows
from pipelines.demo.chance import Floats
from pipelines.demo.config import DemoConfig, Latents
from pipelines.demo.world.history import History
from pipelines.demo.world.season import day_factors

REACH = 4.2


@dataclass(frozen=True)
class Grid:
    """Steps of the log rates, and number of cells of the dropout time before and after the month-end."""

    event_step: float = 0.20
    dropout_step: float = 0.40
    cells_before: int = 24
    cells_after: int = 45


@dataclass(frozen=True)
class Nodes:
    """Log rates at the nodes of the grid."""

    event: Floats
    dropout: Floats


def with_ceiling(labels: pd.DataFrame, history: History, config: DemoConfig, grid: Grid | None = None) -> pd.DataFrame:
    """Add `ceiling_probability` to the labels of `labels.dormancy`, in the same order.

    Only events before the month-end of a label are used.
    """
    grid = grid or Grid()
    nodes = _nodes(history.people, config, grid)
    probabilities = []
    for as_of, at in labels.groupby("as_of", sort=True):
        cut = float((pd.Timestamp(str(as_of)) - pd.Timestamp(config.start)).days + 1)
        persons, horizons = np.unique(at["person"]), np.unique(at["horizon_days"])
        rows = observed_rows(history, persons, cut)
        chance = _dormant(rows, history, nodes, horizons, config, grid)
        place = np.searchsorted(persons, at["person"]), np.searchsorted(horizons, at["horizon_days"])
        probabilities.append(pd.Series(chance[place], index=at.index))
    return labels.assign(ceiling_probability=pd.concat(probabilities))


def _nodes(people: pd.DataFrame, config: DemoConfig, grid: Grid) -> Nodes:
    """The nodes cover the prior of every person."""
    latents = config.latents
    shifts = people["log_event_median"], people["log_dropout_median"]
    spreads = latents.event_rate_sigma, latents.dropout_rate_sigma
    return Nodes(
        *(
            np.arange(shift.min() - REACH * spread, shift.max() + REACH * spread + step, step)
            for shift, spread, step in zip(shifts, spreads, (grid.event_step, grid.dropout_step), strict=True)
        )
    )


def _dormant(
    rows: Rows, history: History, nodes: Nodes, horizons: np.ndarray, config: DemoConfig, grid: Grid
) -> Floats:
    """The probability of no event in each horizon after the cut. Shape: persons x horizons."""
    season = np.concatenate([[0.0], np.cumsum(day_factors(config))])

    def exposure(t: Floats | float) -> Floats:
        return np.interp(np.asarray(t), np.arange(len(season)), season)

    weight, z_event, z_dropout = _prior(rows, nodes, config.latents)
    rate, dropout = np.exp(nodes.event), np.exp(nodes.dropout)
    lived = exposure(rows.last) - exposure(rows.start)
    log_event = rows.events[:, None] * nodes.event - lived[:, None] * rate
    log_event += evidence.of_intent(rows, z_event, history, config)
    log_dropout = -(rows.last - rows.start)[:, None] * dropout + evidence.of_leaving(rows, z_dropout, history)
    weight *= _scaled(log_event)[:, :, None] * _scaled(log_dropout)[:, None, :]

    silence = rows.cut - rows.last
    edges = silence[:, None] * np.linspace(0, 1, grid.cells_before + 1)
    middle = rows.last[:, None] + (edges[:, 1:] + edges[:, :-1]) / 2
    survival = np.exp(-edges[:, :, None] * dropout)
    answers = evidence.of_answers(rows, rows.last[:, None] + edges, history)
    deal = evidence.of_unsigned_deal(rows, middle, config)
    mass = (survival[:, :-1] - survival[:, 1:]) * (answers.gone * deal.gone)[:, :, None]
    no_event = np.exp(-(exposure(middle) - exposure(rows.last)[:, None])[:, :, None] * rate)
    gone = weight * np.matmul(no_event.transpose(0, 2, 1), mass)
    silent = np.exp(-(exposure(rows.cut) - exposure(rows.last))[:, None] * rate)
    alive = weight * silent[:, :, None] * survival[:, -1:, :] * (answers.alive * deal.alive)[:, None, None]

    quiet = np.stack([_quiet(rows.cut, horizon, rate, dropout, exposure, grid) for horizon in horizons], axis=-1)
    staying = alive.reshape(len(alive), -1)
    chance = (staying @ quiet.reshape(-1, len(horizons))) * (1 - deal.signs)[:, None]
    left = gone.sum(axis=(1, 2))
    return (chance + left[:, None]) / (staying.sum(axis=1) + left)[:, None]


def _prior(rows: Rows, nodes: Nodes, latents: Latents) -> tuple[Floats, Floats, Floats]:
    """Density (any scale), shape persons x event nodes x dropout nodes; and the nodes as standard normals by person."""
    z_event = (nodes.event - rows.log_event_median[:, None]) / latents.event_rate_sigma
    z_dropout = (nodes.dropout - rows.log_dropout_median[:, None]) / latents.dropout_rate_sigma
    rest = 1 - latents.correlation**2
    cross = latents.correlation * z_event[:, :, None] * z_dropout[:, None, :]
    square = (z_event**2)[:, :, None] + (z_dropout**2)[:, None, :]
    return np.exp((cross - square / 2) / rest), z_event, z_dropout


def _scaled(log: Floats) -> Floats:
    return np.exp(log - log.max(axis=1, keepdims=True))


def _quiet(cut: float, horizon: int, rate: Floats, dropout: Floats, exposure, grid: Grid) -> Floats:
    """The probability of no event in the horizon for a person who has not dropped out by the cut.

    Shape: event nodes x dropout nodes.
    """
    edges = np.linspace(0, horizon, grid.cells_after + 1)
    survival = np.exp(-edges[:, None] * dropout)
    middle = cut + (edges[1:] + edges[:-1]) / 2
    no_event = np.exp(-rate[:, None] * (exposure(middle) - exposure(cut)))
    stays = np.exp(-rate * (exposure(cut + horizon) - exposure(cut)))[:, None] * survival[-1]
    return no_event @ (survival[:-1] - survival[1:]) + stays
