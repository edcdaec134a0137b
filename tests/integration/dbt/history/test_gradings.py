"""A grading against the one before: what warns, what blocks, and what is not compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from pipelines.history.messages import Check
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.history.agency import DAY, found, unusual
from tests.integration.dbt.warehouse import HANDED_OVER

GRADES = {"A": 20, "B": 30, "C": 50, "D": 100}


def grading(day: date, counts: dict[str, int], level: str = "none", score: float = 40) -> list[dict]:
    return [
        {"customer_key": f"{grade}{number}", "graded_as_of": day, "grade": grade, "score": score,
         "rule_version": "rules-1", "model_version": "m1", "warning_level": level}
        for grade, count in counts.items() for number in range(count)
    ]  # fmt: skip


@pytest.fixture
def graded(models: Compiled) -> Callable[..., dict[str, Check]]:
    """The comparisons of a grading of the day with one before it."""

    def judged(today: list[dict], before: list[dict], accepted: Sequence[dict] = ()) -> dict[str, Check]:
        rows = {
            "scope.as_of_dates": [{"as_of": DAY}],
            "scope.run": [{"run_id": "run", "publication_as_of": DAY, "rule_version": "rules-1"}],
            "scope.acceptances": accepted,
            "ledger.grades": [*today, *before],
        }
        assert rows.keys() <= HANDED_OVER.keys()
        models.run(rows)
        return found(models, ["grading"], DAY)

    return judged


YESTERDAY = grading(DAY - timedelta(days=1), GRADES)


@pytest.mark.parametrize(
    ("today", "levels"),
    [
        (grading(DAY, GRADES), {}),
        (grading(DAY, {"A": 21, "B": 31, "C": 48, "D": 105}), {}),
        (grading(DAY, {"C": 1, "D": 1}), {"customers": "block"}),
        (grading(DAY, {"A": 18, "B": 27, "C": 45, "D": 90}), {"customers": "warning"}),
        (grading(DAY, {"D": 200}), {"one_grade": "block", "grade_shares": "warning"}),
        (grading(DAY, {"A": 200}), {"one_grade": "block", "grade_shares": "block"}),
        (grading(DAY, {"A": 20, "B": 80, "C": 50, "D": 50}), {"grade_shares": "warning"}),
        (grading(DAY, GRADES, level="high"), {"warned_share": "warning"}),
        (grading(DAY, GRADES, score=70), {"score_mean": "warning"}),
    ],
)
def test_a_grading_is_compared_with_the_one_before(graded, today: list[dict], levels: dict[str, str]) -> None:
    checks = graded(today, YESTERDAY)
    assert unusual(checks) == {f"all/customers/{rule}": level for rule, level in levels.items()}
    assert all(str(check) for check in checks.values() if check.level != "not_judged")


def test_the_first_grading_warns_of_one_grade_alone_and_an_accepted_one_is_not_compared(graded) -> None:
    assert unusual(graded(grading(DAY, {"D": 200}), [])) == {"all/customers/one_grade": "warning"}
    accepted = [{"source": "all", "entity": "customers", "accepted_from": DAY}]
    checks = graded(grading(DAY, {"A": 1, "D": 1}), YESTERDAY, accepted)
    assert {check.level for check in checks.values()} == {"accepted"}


def test_after_a_long_pause_only_what_would_mislead_is_named(graded) -> None:
    long_ago = grading(DAY - timedelta(days=90), GRADES)
    assert unusual(graded(grading(DAY, {"A": 20, "B": 80, "C": 50, "D": 50}), long_ago)) == {}
    assert unusual(graded(grading(DAY, {"D": 2}), long_ago)) == {"all/customers/customers": "block"}
