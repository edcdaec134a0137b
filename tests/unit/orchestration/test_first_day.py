"""Partitions begin on the first day with a lead, and the start only moves back."""

from datetime import date

import duckdb
import pytest

from pipelines.home.first_day import FirstDayUnreadable, first_day, remember_first_day
from pipelines.home.settings import Settings
from pipelines.ingest.landing import first_lead_day
from pipelines.ledger.grades import first_graded_day
from pipelines.orchestration.partitions import business_days


def partitions_begin(settings: Settings) -> str | None:
    return business_days(settings).get_first_partition_key()


def test_older_leads_move_the_start_back_and_younger_ones_do_not_move_it(tmp_path):
    settings = Settings(home=tmp_path, first_day=None)
    assert partitions_begin(settings) == "2000-01-01"
    assert remember_first_day(settings, None, None) is None
    assert remember_first_day(settings, date(2023, 3, 5)) == date(2023, 3, 5)
    assert partitions_begin(settings) == "2023-03-05"
    assert remember_first_day(settings, date(2024, 1, 1), None) == date(2023, 3, 5)
    assert remember_first_day(settings, date(2024, 1, 1), date(2021, 7, 1)) == date(2021, 7, 1)
    assert partitions_begin(settings) == "2021-07-01"


def test_the_setting_decides_before_the_data(tmp_path):
    settings = Settings(home=tmp_path, first_day=date(2025, 1, 1))
    remember_first_day(settings, date(2023, 3, 5))
    assert partitions_begin(settings) == "2025-01-01"


def test_a_demo_can_be_graded_up_to_a_month_after_its_files(tmp_path):
    settings = Settings(home=tmp_path, first_day=None)
    for folder in ("demo", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sources" / "demo.yml").touch()
    (tmp_path / "demo" / ".last_day").write_text("2020-06-30")
    days = business_days(settings)
    assert days.get_last_partition_key() == "2020-07-31"
    assert days.has_partition_key("2020-07-31")
    assert not days.has_partition_key("2020-08-01")
    (tmp_path / "sources" / "crm.yml").touch()
    assert business_days(settings).get_last_partition_key() == str(settings.now().date())


def test_a_damaged_file_is_named(tmp_path):
    settings = Settings(home=tmp_path, first_day=None)
    settings.first_day_file.write_text("soon")
    with pytest.raises(FirstDayUnreadable, match=r"first_day\.txt: expected a day"):
        first_day(settings)


def test_a_lead_counts_from_the_business_day_on_which_it_is_known(tmp_path):
    settings = Settings(home=tmp_path, first_day=None, timezone="Asia/Shanghai")
    with duckdb.connect() as connection:
        leads = (
            "SELECT * FROM (VALUES "
            "(TIMESTAMP '2023-03-01 10:00', TIMESTAMP '2023-03-04 16:00'), "
            "(TIMESTAMP '2023-03-06 10:00', NULL)) AS rows(created_at, known_at)"
        )
        assert first_lead_day(connection, settings, leads) == date(2023, 3, 5)
        assert first_lead_day(connection, settings, f"{leads} WHERE false") is None
        assert first_lead_day(connection, settings, None) is None


def test_a_graded_day_before_the_first_lead_keeps_its_partition(tmp_path):
    assert first_graded_day(tmp_path) is None
    for day in ("2022-05-01", "2021-05-01"):
        (tmp_path / "grades" / f"as_of={day}").mkdir(parents=True)
    assert first_graded_day(tmp_path) == date(2021, 5, 1)
