"""Days and their ends in the business time zone; a step refuses another run's days."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from pipelines.home.days import month_ends
from pipelines.home.settings import Settings
from pipelines.rules.version import rule_version
from pipelines.transform.scope import ScopeChanged, assert_scope, cutoff_utc, write_scope


def test_a_day_ends_at_midnight_of_the_business_time_zone():
    assert cutoff_utc(date(2026, 6, 30), Settings(timezone="Asia/Shanghai")) == pd.Timestamp("2026-06-30 16:00")
    assert cutoff_utc(date(2026, 3, 28), Settings(timezone="Europe/London")) == pd.Timestamp("2026-03-29 00:00")
    assert cutoff_utc(date(2026, 3, 29), Settings(timezone="Europe/London")) == pd.Timestamp("2026-03-29 23:00")


def test_month_ends_know_leap_years():
    assert month_ends(date(2024, 1, 31), date(2024, 3, 30)) == [date(2024, 1, 31), date(2024, 2, 29)]


def test_what_is_published_is_the_last_day_of_the_run(tmp_path):
    with duckdb.connect() as connection:
        write_scope(connection, Settings(home=tmp_path), [date(2026, 6, 30), date(2026, 6, 28)], "run-1")
        assert connection.execute("SELECT publication_as_of, run_id FROM scope.run").fetchall() == [
            (date(2026, 6, 30), "run-1")
        ]
        assert_scope(connection, [date(2026, 6, 28), date(2026, 6, 30)])
        with pytest.raises(ScopeChanged, match="found 2026-06-28 to 2026-06-30"):
            assert_scope(connection, [date(2026, 6, 29)])


def test_another_number_in_a_rule_is_another_version(tmp_path):
    (tmp_path / "cuts.csv").write_text("grade,min\nA,60\n")
    before = rule_version(tmp_path)
    (tmp_path / "cuts.csv").write_bytes(b"grade,min\r\nA,60\r\n")
    assert rule_version(tmp_path) == before
    (tmp_path / "cuts.csv").write_text("grade,min\nA,61\n")
    assert rule_version(tmp_path) != before
