"""The page of an agent: the work list of the next day, to print at nine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from pipelines.report.section import Words

UNASSIGNED = "unassigned"
LISTS = """
    SELECT
        agent_id, count(*) AS tasks, count(*) FILTER (is_overdue) AS overdue, max(tasks_of_agent) AS all_tasks,
        any_value(as_of) AS as_of
    FROM agent_worklist
    GROUP BY agent_id
    ORDER BY agent_id = 'unassigned', agent_id
"""
# The tables of customers are reduced to the listed ones before they are joined: 12 times less work at a million.
TASKS = """
    WITH profiles AS (
        SELECT * FROM customer_profile WHERE customer_id IN (SELECT customer_id FROM agent_worklist)
    ),
    matches AS (
        SELECT * FROM listing_matches
        WHERE match_rank = 1 AND customer_id IN (SELECT customer_id FROM agent_worklist)
    )
    SELECT
        tasks.*,
        grades.expected_value_12m,
        profiles.contact_channel, profiles.contact_channel_en, profiles.contact_channel_zh,
        profiles.budget_min, profiles.budget_max, profiles.budget_currency, profiles.demand_type,
        profiles.preferred_district, profiles.preferred_layout,
        matches.property_id, matches.why_en, matches.why_zh
    FROM agent_worklist AS tasks
    JOIN customer_grades AS grades USING (customer_id)
    LEFT JOIN profiles USING (customer_id)
    LEFT JOIN matches
        ON tasks.customer_id = matches.customer_id
        AND tasks.is_marketing AND NOT tasks.is_opted_out
    ORDER BY tasks.agent_id, tasks.priority
"""
"""A listing is offered only where the task is marketing, never to a customer who has opted out."""


@dataclass(frozen=True)
class WorkList:
    """The work list of an agent for the day after `as_of`.

    `tasks`: listed tasks. `all_tasks`: with those beyond the capacity of the agent.
    """

    agent: str
    tasks: int
    overdue: int
    all_tasks: int
    as_of: date

    @property
    def file(self) -> str:
        """The name of the page."""
        return agent_file(self.agent)

    @property
    def name(self) -> Words:
        return agent_name(self.agent)

    @property
    def day(self) -> date:
        return self.as_of + timedelta(days=1)


def agent_file(agent: str) -> str:
    """Return the name of the page. A text of the source that is no plain name is replaced by its hash."""
    plain = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", agent)
    return f"{agent if plain else 'agent-' + hashlib.sha256(agent.encode()).hexdigest()[:16]}.html"


def agent_name(agent: str) -> Words:
    return Words("No agent", "未分配顾问") if agent == UNASSIGNED else Words(agent, agent)


def read_lists(connection: duckdb.DuckDBPyConnection) -> Sequence[WorkList]:
    """Return the lists of the day by agent; customers without an agent come last."""
    return [WorkList(*row) for row in connection.execute(LISTS).fetchall()]


def read_tasks(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the tasks of each agent as column → value, first task first. One query reads the tables of customers."""
    read = connection.execute(TASKS)
    names = [column[0] for column in read.description or ()]
    tasks: dict[str, list[Mapping[str, Any]]] = {}
    for row in read.fetchall():
        task = dict(zip(names, row, strict=True))
        tasks.setdefault(task["agent_id"], []).append(task)
    return tasks
