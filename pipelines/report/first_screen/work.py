"""Money at stake by warning level, whom to call first, and the funnel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from pipelines.report.section import Words

LEVELS = {
    "urgent": Words("Urgent", "紧急"),
    "high": Words("High", "高"),
    "middle": Words("Middle", "中"),
    "low": Words("Low", "低"),
}
CALLS, COMPLAINTS = 10, 4

BY_LEVEL = """
    SELECT
        grades.warning_level,
        count(*) AS customers,
        sum(grades.expected_value_12m) AS money,
        count(tasks.customer_id) AS listed,
        count(*) FILTER (tasks.is_overdue) AS overdue
    FROM customer_grades AS grades
    LEFT JOIN agent_worklist AS tasks ON grades.customer_id = tasks.customer_id
    WHERE grades.warning_level IN ('urgent', 'high', 'middle', 'low')
    GROUP BY grades.warning_level
"""
STATUSES = """
    SELECT
        count(*) FILTER (churn_status = 'scored'),
        count(*) FILTER (churn_status = 'not_trained'),
        count(*) FILTER (churn_status = 'not_available')
    FROM customer_grades
"""
TASKS = "SELECT count(*), count(*) FILTER (is_overdue) FROM agent_worklist"
FIRST_CALLS = f"""
    SELECT
        tasks.customer_id, tasks.agent_id, tasks.priority, tasks.task_en, tasks.task_zh, tasks.reason, tasks.reason_zh,
        tasks.grade, tasks.intent_en, tasks.intent_zh, grades.expected_value_12m, tasks.days_overdue
    FROM agent_worklist AS tasks
    JOIN customer_grades AS grades ON tasks.customer_id = grades.customer_id
    LEFT JOIN (
        SELECT tasks.customer_id, tasks.days_overdue
        FROM agent_worklist AS tasks
        JOIN customer_grades AS grades ON tasks.customer_id = grades.customer_id
        WHERE tasks.task = 'complaint'
        ORDER BY tasks.days_overdue DESC, grades.expected_value_12m DESC, tasks.customer_id
        LIMIT {COMPLAINTS}
    ) AS complaints
        ON tasks.customer_id = complaints.customer_id AND tasks.task = 'complaint'
    ORDER BY
        complaints.days_overdue DESC NULLS LAST,
        CASE
            WHEN tasks.task = 'warning' AND tasks.warning_level IN ('urgent', 'high') THEN 1
            WHEN tasks.task = 'enquiry' THEN 2
            ELSE 3
        END,
        grades.expected_value_12m DESC,
        tasks.due_at,
        tasks.customer_id
    LIMIT {CALLS}
"""
"""First the longest overdue complaints, then urgent and high warnings, then enquiries, then the other tasks. Equal ones
by money. The number of complaints is limited: old complaints would take all places."""
NOT_LISTED = """
    WITH held_out AS (SELECT DISTINCT customer_id FROM winback_cases WHERE status = 'open' AND arm = 'hold_out')
    SELECT
        count(*) FILTER (held_out.customer_id IS NOT NULL),
        count(*) FILTER (held_out.customer_id IS NULL AND grades.is_opted_out),
        count(*) FILTER (held_out.customer_id IS NULL AND NOT grades.is_opted_out)
    FROM customer_grades AS grades
    LEFT JOIN held_out ON grades.customer_id = held_out.customer_id
    WHERE
        grades.warning_level IN ('urgent', 'high', 'middle', 'low')
        AND grades.customer_id NOT IN (SELECT customer_id FROM agent_worklist)
"""


@dataclass(frozen=True)
class Level:
    """Customers of a warning level. `money`: their expected contribution of 12 months, CNY."""

    level: str
    label: Words
    customers: int
    money: Decimal
    listed: int
    overdue: int


@dataclass(frozen=True)
class NotListed:
    """Warned customers without a task, each counted once."""

    hold_out: int
    opted_out: int
    others: int

    @property
    def customers(self) -> int:
        return self.hold_out + self.opted_out + self.others


@dataclass(frozen=True)
class Call:
    """A task of the work lists.

    `agent` and `place`: the list and the place in it. `money`: expected contribution of 12 months, CNY.
    `days_overdue`: 0 if the task is not overdue.
    """

    customer_id: str
    agent: str
    place: int
    task: Words
    reason: Words
    grade: str
    intent: Words | None
    money: Decimal
    days_overdue: int


@dataclass(frozen=True)
class Work:
    """`scored`, `not_trained`, `not_available`: customers by `churn_status`. `tasks`: lines of all work lists."""

    levels: Sequence[Level]
    not_listed: NotListed
    scored: int
    not_trained: int
    not_available: int
    tasks: int
    overdue: int
    calls: Sequence[Call]

    @property
    def warned(self) -> int:
        return sum(level.customers for level in self.levels)

    @property
    def money(self) -> Decimal:
        return sum((level.money for level in self.levels), Decimal(0))


def read_work(connection: duckdb.DuckDBPyConnection) -> Work:
    rows = {row[0]: row[1:] for row in connection.execute(BY_LEVEL).fetchall()}
    levels = [Level(level, label, *rows.get(level, (0, Decimal(0), 0, 0))) for level, label in LEVELS.items()]
    calls = []
    for row in connection.execute(FIRST_CALLS).fetchall():
        customer, agent, place, task_en, task_zh, reason, reason_zh, grade, intent_en, intent_zh, *rest = row
        intent = Words(intent_en, intent_zh) if intent_en else None
        calls.append(
            Call(customer, agent, place, Words(task_en, task_zh), Words(reason, reason_zh), grade, intent, *rest)
        )
    scored, not_trained, not_available = connection.execute(STATUSES).fetchall()[0]
    tasks, overdue = connection.execute(TASKS).fetchall()[0]
    not_listed = NotListed(*connection.execute(NOT_LISTED).fetchall()[0])
    return Work(levels, not_listed, scored, not_trained, not_available, tasks, overdue, calls)
