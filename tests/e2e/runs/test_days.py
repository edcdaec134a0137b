"""Backfills, rollbacks and gradings of past days: which version is live, and what the ledger holds."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest

from pipelines.ledger.grades import SCHEMA, write_grades
from tests.e2e.past import BEFORE, NEXT_DAY, graded_days
from tests.home import LAST_DAY, copy_home, fingerprint, published, tierhouse


def test_a_backfill_of_past_days_leaves_the_present_alone(demo, past):
    current = demo.home / "published" / "current"
    assert f"{current.readlink().name} is newer and stays live" in past.output
    assert past.live == fingerprint(current) != {}


def test_days_before_the_first_model_are_graded_by_rules_and_say_so(past):
    assert "dormancy, 90 days: no model yet, rules and rates are used" in past.output
    (version,) = (past.home / "published" / "versions").glob(f"{BEFORE[-1]}-*")
    with duckdb.connect(str(version / "tierhouse.duckdb"), read_only=True) as connection:
        statuses = dict(connection.execute("SELECT churn_status, count(*) FROM customer_grades GROUP BY 1").fetchall())
    assert set(statuses) == {"not_trained", "not_engaged"}


def test_a_backfill_fills_the_ledger(past):
    assert past.days == [*BEFORE, LAST_DAY]  # no day between the month-end and the last day of the first run
    days = [*BEFORE, LAST_DAY, NEXT_DAY]
    assert graded_days(past.home) == graded_days(past.home, "cases") == days
    history = published(past.home, "grade_history")
    assert set(history["graded_as_of"].astype(str).str[:10]) == set(days)


def test_cases_of_one_day_go_on_the_next(past):
    cases = published(past.home, "winback_cases")
    assert len(cases) and cases["case_id"].is_unique
    opened = {f"{day:%Y-%m-%d}" for day in cases["opened_on"]}
    assert LAST_DAY in opened <= {*BEFORE, LAST_DAY, NEXT_DAY}
    assert (past.home / "published" / "current").readlink().name.startswith(NEXT_DAY)


def test_movements_are_those_between_two_days(past):
    grades = published(past.home, "customer_grades")
    assert grades["grade_previous"].notna().mean() > 0.95
    moved = grades[grades["grade_previous"].notna() & (grades["grade_previous"] != grades["grade"])]
    movements = published(past.home, "grade_movements")
    changed = movements[(movements["grade_from"] != "new") & (movements["grade_from"] != movements["grade_to"])]
    assert changed["customers"].sum() == len(moved)


def test_customers_without_a_new_event_keep_their_persona(past):
    quiet, kept = past.personas
    assert quiet > 300
    assert kept >= 0.95


def test_dagster_records_the_days_with_gaps_that_were_graded(past):
    assert past.recorded == {*BEFORE, LAST_DAY}


def test_grades_of_a_month_before_have_their_later_grades_beside_them(past):
    performance = published(past.home, "grade_performance")
    assert {str(day)[:10] for day in performance["graded_as_of"]} == {*BEFORE, LAST_DAY, NEXT_DAY}
    compared = performance[performance["graded_as_of"].astype(str).str.startswith(BEFORE[0])]
    assert compared["customers_kept"].sum() > 0.5 * compared["customers_compared"].sum() > 0


def test_a_rollback_makes_a_kept_version_live_again(demo, past, tmp_path):
    home, kept = copy_home(past.home, tmp_path / "home"), (demo.home / "published" / "current").readlink().name
    assert (home / "published" / "current").readlink().name != kept
    tierhouse(home, "rollback", "--despite-opt-outs", kept)
    assert (home / "published" / "current").readlink().name == kept
    assert (home / "crm_export" / "current").readlink().name == kept
    assert len(published(home, "customer_grades")) > 0


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-06-30", "2026-06-01", "Error: expected the first day before the last"),
        ("2099-01-01", "2099-01-02", "Error: cannot grade 2099-01-02, which is in the future"),
    ],
)
def test_days_that_cannot_be_graded_are_refused_in_one_line(demo, first, last, expected):
    done = tierhouse(demo.home, "backfill", first, last, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(expected)
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.soak
def test_a_normal_month_of_gradings_neither_warns_nor_blocks(home):
    done = tierhouse(home, "backfill", "2026-06-01", LAST_DAY)
    assert "Unusual" not in done.stdout
    assert set(published(home, "history_checks")["level"]) <= {"ok", "not_judged"}


@pytest.mark.soak
def test_customers_that_are_gone_stop_the_publication_until_that_is_accepted(home):
    yesterday = date.fromisoformat(LAST_DAY) - timedelta(days=1)
    many = pa.table({
        "customer_key": [f"gone:{number}" for number in range(50_000)],
        **{name: pa.nulls(50_000) for name in SCHEMA.names[1:]},
    })  # fmt: skip
    grades = many.set_column(1, "graded_as_of", [pa.array([yesterday] * 50_000, pa.date32())])
    grades = grades.set_column(2, "grade", [pa.array(["B"] * 50_000)]).set_column(
        3, "score", [pa.array([40.0] * 50_000)]
    )
    write_grades(home / "ledger", yesterday, grades)
    live = fingerprint(home / "published")

    done = tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
    assert done.returncode == 1
    assert "fewer than at the last grading" in done.stderr
    assert "tierhouse accept all/customers/customers" in done.stderr
    assert fingerprint(home / "published") == live
    assert "expected a check that is unusual" in tierhouse(
        home, "accept", "crm", "--reason", "x", check=False
    ).stderr  # fmt: skip

    tierhouse(home, "accept", "all/customers", "--reason", "the other agency was sold")
    tierhouse(home, "run", "--as-of", LAST_DAY)
    checks = published(home, "history_checks")
    assert set(checks.loc[checks["entity"] == "customers", "level"]) == {"accepted"}
    assert "the other agency was sold" in tierhouse(home, "status").stdout
