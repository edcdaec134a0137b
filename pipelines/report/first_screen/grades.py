"""Customers and money by grade, and what has moved since about a week ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from pipelines.report.section import Words

MOVES_SHOWN = 6
GRADES = ("A", "B", "C", "D")
COMPARED_DAYS = 7
"""The grades are compared with the latest graded day that is at least this old, else with the oldest one."""

BY_GRADE = """
    SELECT
        grade,
        count(*) AS customers,
        sum(expected_value_12m) AS money,
        count(*) FILTER (intent = 'high') AS intent_high,
        count(*) FILTER (intent = 'middle') AS intent_middle,
        count(*) FILTER (intent = 'low') AS intent_low
    FROM customer_grades
    GROUP BY grade
"""
COMPARED_WITH = f"""
    SELECT coalesce(
        max(graded_as_of) FILTER (graded_as_of <= as_of - {COMPARED_DAYS}),
        min(graded_as_of) FILTER (graded_as_of < as_of)
    )
    FROM grade_history
"""
MOVEMENTS = """
    WITH movers AS (
        SELECT
            past.grade AS grade_from,
            present.grade AS grade_to,
            present.score - past.score AS change,
            clv.value_state_en AS state_en,
            clv.value_state_zh AS state_zh
        FROM customer_grades AS present
        JOIN grade_history AS past ON present.customer_id = past.customer_id AND past.graded_as_of = $compared_with
        JOIN customer_clv AS clv ON present.customer_id = clv.customer_id
        WHERE present.grade <> past.grade
    ),

    states AS (
        SELECT grade_from, grade_to, state_en, state_zh, count(*) AS customers FROM movers GROUP BY ALL
    ),

    commonest AS (
        SELECT * FROM states
        QUALIFY row_number() OVER (PARTITION BY grade_from, grade_to ORDER BY customers DESC, state_en) = 1
    )

    SELECT moved.*, commonest.state_en, commonest.state_zh, commonest.customers
    FROM (
        SELECT grade_from, grade_to, count(*) AS moved, sum(change) AS change FROM movers GROUP BY ALL
    ) AS moved
    JOIN commonest USING (grade_from, grade_to)
    ORDER BY moved DESC, grade_from, grade_to
"""
ARRIVALS = """
    SELECT
        count(*) FILTER (past.customer_id IS NULL) AS arrived,
        count(*) FILTER (past.customer_id IS NOT NULL) AS stayed
    FROM customer_grades AS present
    LEFT JOIN grade_history AS past
        ON present.customer_id = past.customer_id AND past.graded_as_of = $compared_with
"""


@dataclass(frozen=True)
class Grade:
    """The customers of one grade. `money`: expected contribution of 12 months, CNY. Shares are of all customers.

    `before`: customers of the grade on the day of the comparison, None without such a day.
    """

    grade: str
    customers: int
    share: float
    money: Decimal
    money_share: float | None
    intent_high: int
    intent_middle: int
    intent_low: int
    before: int | None


@dataclass(frozen=True)
class Movement:
    """Customers who moved between two grades. `change`: change of their scores, CNY. `reason`: the commonest state."""

    grade_from: str
    grade_to: str
    customers: int
    change: Decimal
    reason: Words
    with_reason: int

    @property
    def is_up(self) -> bool:
        return self.grade_to < self.grade_from


@dataclass(frozen=True)
class Grades:
    """`compared_with`: the earlier graded day, None on the first graded day of a home."""

    grades: Sequence[Grade]
    customers: int
    money: Decimal
    has_intent: bool
    compared_with: date | None
    movements: Sequence[Movement]
    arrived: int | None

    @property
    def with_intent(self) -> int:
        """Customers with a known intent."""
        return sum(grade.intent_high + grade.intent_middle + grade.intent_low for grade in self.grades)

    @property
    def movements_shown(self) -> Sequence[Movement]:
        """The movements of the most customers."""
        return self.movements[:MOVES_SHOWN]

    @property
    def moved_otherwise(self) -> int:
        """Customers of the movements that are not shown."""
        return sum(movement.customers for movement in self.movements[MOVES_SHOWN:])

    @property
    def up(self) -> int:
        return sum(movement.customers for movement in self.movements if movement.is_up)

    @property
    def down(self) -> int:
        return sum(movement.customers for movement in self.movements if not movement.is_up)


def read_grades(connection: duckdb.DuckDBPyConnection) -> Grades:
    """Read the grades of the day and the movements since the day of the comparison."""
    rows = {row[0]: row[1:] for row in connection.execute(BY_GRADE).fetchall()}
    customers = sum(row[0] for row in rows.values())
    money = sum((row[1] for row in rows.values()), Decimal(0))
    compared_with = connection.execute(COMPARED_WITH).fetchall()[0][0]
    before: dict[str, int] = {}
    movements: list[Movement] = []
    arrived = None
    if compared_with:
        day = {"compared_with": compared_with}
        counted = "SELECT grade, count(*) FROM grade_history WHERE graded_as_of = $compared_with GROUP BY grade"
        before = dict(connection.execute(counted, day).fetchall())
        for grade_from, grade_to, moved, change, en, zh, of_reason in connection.execute(MOVEMENTS, day).fetchall():
            movements.append(Movement(grade_from, grade_to, moved, change, Words(en, zh), of_reason))
        arrived = connection.execute(ARRIVALS, day).fetchall()[0][0]
    grades = []
    for grade in GRADES:
        of_grade, amount, high, middle, low = rows.get(grade, (0, Decimal(0), 0, 0, 0))
        share = of_grade / customers if customers else 0.0
        part = float(amount / money) if money else None
        past = before.get(grade, 0) if compared_with else None
        grades.append(Grade(grade, of_grade, share, amount, part, high, middle, low, past))
    has_intent = any(grade.intent_high or grade.intent_middle or grade.intent_low for grade in grades)
    return Grades(grades, customers, money, has_intent, compared_with, movements, arrived)
