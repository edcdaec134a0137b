"""Days again, older days, ranges of days: same input, same tables, and the present stays where it is."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from models.mining.persona_features import persona_features
from pipelines.mining.personas import kept_personas
from pipelines.mining.read import CUSTOMERS, read
from pipelines.publish.version import TABLES
from tests.home import LAST_DAY, copy_home, fingerprint, published, tierhouse


@pytest.fixture(scope="module")
def replayed(demo, tmp_path_factory):
    """A home in which the last day was run again, on a warehouse whose rules tables are those of an older version."""
    home = copy_home(demo.home, tmp_path_factory.mktemp("days") / "home")
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("ALTER TABLE rules.margins DROP COLUMN label_zh")
    ledger = fingerprint(home / "ledger")
    tierhouse(home, "run", "--as-of", LAST_DAY)
    again = {table: published(home, table) for table in TABLES}
    ledger_again = fingerprint(home / "ledger")
    return home, ledger, ledger_again, again


@pytest.mark.parametrize("table", TABLES)
def test_running_a_day_again_gives_identical_tables(demo, replayed, table):
    _, _, _, again = replayed
    assert again[table].equals(published(demo.home, table))


def test_running_a_day_again_does_not_move_the_ledger(replayed):
    _, before, after, _ = replayed
    assert after == before


def test_a_rollback_makes_a_kept_version_live_again(replayed):
    home, *_ = replayed
    live = (home / "published" / "current").readlink().name
    (kept,) = {folder.name for folder in (home / "published" / "versions").iterdir()} - {live}
    tierhouse(home, "rollback", kept)
    assert (home / "published" / "current").readlink().name == kept
    assert (home / "crm_export" / "current").readlink().name == kept
    assert len(published(home, "customer_grades")) > 0


def test_a_day_before_the_model_is_refused_with_the_command_that_mends_it(home):
    live = (home / "published" / "current").readlink()
    before = fingerprint(home / "published")
    said = tierhouse(home, "run", "--as-of", "2026-06-29", check=False)
    assert said.returncode == 1
    assert "tierhouse train --as-of 2026-06-29" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout
    assert (home / "published" / "current").readlink() == live
    assert fingerprint(home / "published") == before


def test_a_backfill_fills_the_ledger_and_leaves_the_present_alone(home):
    live = (home / "published" / "current").readlink()
    tierhouse(home, "train", "--as-of", "2026-06-20")
    said = tierhouse(home, "backfill", "2026-06-26", "2026-06-28")
    assert (home / "published" / "current").readlink() == live
    assert f"{live.name} is newer and stays live" in said.stderr
    days = sorted(folder.name for folder in (home / "ledger" / "grades").iterdir())
    assert days == ["as_of=2026-06-26", "as_of=2026-06-27", "as_of=2026-06-28", f"as_of={LAST_DAY}"]
    assert_personas_last(home, date(2026, 6, 27), date(2026, 6, 28))

    tierhouse(home, "run", "--as-of", LAST_DAY)
    history = published(home, "grade_history")
    assert set(history["graded_as_of"].astype(str).str[:10]) == {"2026-06-26", "2026-06-27", "2026-06-28", LAST_DAY}
    cases = published(home, "winback_cases")
    assert cases["case_id"].is_unique and cases["opened_on"].astype(str).str[:10].min() == "2026-06-26"
    grades = published(home, "customer_grades")
    assert grades["grade_previous"].notna().mean() > 0.95
    moved = grades[grades["grade_previous"].notna() & (grades["grade_previous"] != grades["grade"])]
    movements = published(home, "grade_movements")
    changed = movements[(movements["grade_from"] != "new") & (movements["grade_from"] != movements["grade_to"])]
    assert changed["customers"].sum() == len(moved)


@pytest.mark.parametrize(("first", "last"), [("2026-06-30", "2026-06-01"), ("2099-01-01", "2099-01-02")])
def test_days_that_cannot_be_graded_are_refused_in_one_line(demo, first, last):
    said = tierhouse(demo.home, "backfill", first, last, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith("Error: cannot grade")
    assert len(said.stderr.strip().splitlines()) == 1


def assert_personas_last(home, day, next_day):
    """At least 95 % of the customers without a new event keep their persona from one day to the next."""
    segments, events = {}, {}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        for each in (day, next_day):
            customers = read(connection, CUSTOMERS, each)
            personas = kept_personas(home / "ledger", each + pd.Timedelta(days=1))
            segments[each] = personas.assign(persona_features(customers))["persona_id"]
            told = customers.set_index("customer_key")
            events[each] = told[["customer_events_total", "subscriptions_total", "frequency", "lead_records"]]
    before, after = events[day].align(events[next_day], join="inner")
    quiet = before.index[before.eq(after).all(axis="columns")]
    assert len(quiet) > 300
    assert segments[day][quiet].eq(segments[next_day][quiet]).mean() >= 0.95
