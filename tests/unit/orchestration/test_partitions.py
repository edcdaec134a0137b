"""Run tags that select days, and the days that a run reads from them."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from pipelines.orchestration.partitions import DAYS_TAG, DaysNotValid, as_of_dates, tags_of_days

JUNE = [date(2026, 6, 1) + timedelta(days=day) for day in range(30)]
GAPS = [JUNE[0], JUNE[6], JUNE[29]]


def of_run(keys, tags):
    return SimpleNamespace(
        op_execution_context=SimpleNamespace(partition_keys=list(map(str, keys)), run=SimpleNamespace(tags=tags))
    )


def test_a_range_is_a_range_of_dagster_and_days_with_gaps_are_listed():
    assert tags_of_days(JUNE[:1]) == {}
    assert set(tags_of_days(JUNE).values()) == {"2026-06-01", "2026-06-30"}
    assert tags_of_days(GAPS) == {DAYS_TAG: "2026-06-01,2026-06-07,2026-06-30"}


def test_a_run_reads_the_listed_days_or_its_partitions():
    assert as_of_dates(of_run(JUNE[-1:], tags_of_days(GAPS))) == GAPS
    assert as_of_dates(of_run(JUNE[::-1], tags_of_days(JUNE))) == JUNE
    assert as_of_dates(of_run(JUNE[:1], {})) == JUNE[:1]


@pytest.mark.parametrize(
    "tag", ["yesterday", "2026-06-07,2026-06-01", "2026-06-01,2026-06-29", "2026-06-30,2026-06-30"]
)
def test_a_tag_that_is_no_list_of_days_up_to_the_partition_is_refused(tag):
    with pytest.raises(DaysNotValid, match="oldest first, up to the partition 2026-06-30"):
        as_of_dates(of_run(JUNE[-1:], {DAYS_TAG: tag}))
