"""The page of an agent: the work list of the next day, to print at nine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.report.section import Words

UNASSIGNED = "unassigned"
LISTS = """
    SELECT agent_id, count(*), count(*) FILTER (due_at < as_of + INTERVAL 1 DAY)
    FROM agent_worklist
    GROUP BY agent_id
    ORDER BY agent_id = 'unassigned', agent_id
"""
TASKS = """
    SELECT
        tasks.*,
        tasks.due_at < tasks.as_of + INTERVAL 1 DAY AS is_late,
        grades.grade, grades.intent_en, grades.intent_zh, grades.warning_level_en, grades.warning_level_zh,
        grades.warning_level, grades.expected_value_12m
    FROM agent_worklist AS tasks
    JOIN customer_grades AS grades USING (customer_id)
    WHERE tasks.agent_id = ?
    ORDER BY tasks.priority
"""


@dataclass(frozen=True)
class WorkList:
    """The work list of an agent. `file`: the name of the page."""

    agent: str
    tasks: int
    overdue: int

    @property
    def file(self) -> str:
        return agent_file(self.agent)

    @property
    def name(self) -> Words:
        return agent_name(self.agent)


def agent_file(agent: str) -> str:
    """Return the name of the page. A text of the source that is no plain name is replaced by its hash."""
    plain = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", agent)
    return f"{agent if plain else 'agent-' + hashlib.sha256(agent.encode()).hexdigest()[:16]}.html"


def agent_name(agent: str) -> Words:
    return Words("No agent", "未分配顾问") if agent == UNASSIGNED else Words(agent, agent)


def read_lists(connection: duckdb.DuckDBPyConnection) -> Sequence[WorkList]:
    """Return the lists of the day by agent; customers without an agent come last."""
    return [WorkList(*row) for row in connection.execute(LISTS).fetchall()]


def read_tasks(connection: duckdb.DuckDBPyConnection, agent: str) -> Sequence[Mapping[str, Any]]:
    """Return the tasks of an agent as column → value, first task first."""
    read = connection.execute(TASKS, [agent])
    names = [column[0] for column in read.description or ()]
    return [dict(zip(names, row, strict=True)) for row in read.fetchall()]
