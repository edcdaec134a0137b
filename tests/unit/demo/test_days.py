"""The days that a demo trains through and grades."""

from datetime import date, timedelta

import pytest

from pipelines.demo.days import DemoEnds, last_day_alone, with_past
from pipelines.home.days import DaysReversed, days_between, month_ends, month_ends_and_last

LAST = date(2026, 6, 30)
DRIFTED = DemoEnds(LAST, LAST + timedelta(days=60))


def test_a_year_of_month_ends_then_a_week_before_the_last_day():
    days = with_past(DemoEnds(LAST, LAST))
    assert days.graded[:2] == (date(2025, 6, 30), date(2025, 7, 31))
    assert days.graded[-3:] == (date(2026, 5, 31), date(2026, 6, 23), LAST)
    assert list(days.graded) == sorted(set(days.graded))


@pytest.mark.parametrize("ends", [DemoEnds(LAST, LAST), DRIFTED])
def test_the_first_model_is_as_old_as_the_first_day_and_one_model_scores_the_last_week(ends):
    days = with_past(ends)
    first, second = days.trained_through
    assert first <= days.graded[0]
    assert days.graded[-3] <= second <= days.graded[-2] or second == ends.steady
    assert second <= ends.steady


def test_without_a_past_the_model_of_the_last_steady_day_grades_the_last_day():
    assert last_day_alone(DRIFTED).trained_through == (LAST,)
    assert last_day_alone(DRIFTED).graded == (DRIFTED.last_day,)


def test_days_between_two_days():
    assert days_between(LAST, LAST) == [LAST]
    assert days_between(date(2026, 6, 28), LAST) == [date(2026, 6, 28), date(2026, 6, 29), LAST]
    months = date(2026, 4, 30), date(2026, 5, 31)
    assert month_ends(months[0], date(2026, 6, 12)) == [*months]
    assert month_ends_and_last(months[0], date(2026, 6, 12)) == [*months, date(2026, 6, 12)]
    assert month_ends(LAST, months[0]) == []
    with pytest.raises(DaysReversed, match="got 2026-06-30 and then 2026-06-29"):
        days_between(LAST, LAST - timedelta(days=1))
