"""What Dagster records of a graded day: numbers that it plots, equal to the published tables, and dbt's tests."""

import dagster as dg
import duckdb
import pytest

from tests.home import LAST_DAY


@pytest.fixture(scope="module")
def instance(demo):
    with dg.DagsterInstance.from_config(str(demo.home / "dagster")) as opened:
        yield opened


@pytest.fixture(scope="module")
def published(demo):
    with duckdb.connect(str(demo.home / "published" / "current" / "tierhouse.duckdb"), read_only=True) as connection:
        yield connection


def numbers(instance, asset, **of_day):
    """The numeric metadata of the newest materialisation, by label."""
    records = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), **of_day)
    (record,) = instance.fetch_materializations(records, limit=1).records
    metadata = record.asset_materialization.metadata
    return {label: value.value for label, value in metadata.items() if isinstance(value.value, int | float)}


def test_grades_and_warnings_of_the_day_equal_the_published_tables(instance, published):
    grades = numbers(instance, "customer_grades", asset_partitions=[LAST_DAY])
    of_grade = dict(published.execute("SELECT grade, count(*) FROM customer_grades GROUP BY grade").fetchall())
    assert {grade: grades[f"customers of grade {grade}"] for grade in "ABCD"} == {
        grade: of_grade.get(grade, 0) for grade in "ABCD"
    }
    warnings = numbers(instance, "customer_churn", asset_partitions=[LAST_DAY])
    for level in ("urgent", "high", "middle", "low"):
        customers, money = published.execute(
            "SELECT count(*), coalesce(sum(expected_value_12m), 0) FROM customer_grades WHERE warning_level = ?",
            [level],
        ).fetchone()
        assert warnings[f"warnings {level}"] == customers
        assert warnings[f"money at stake (CNY) {level}"] == pytest.approx(float(money))


def test_rows_models_and_seconds_are_numbers(instance, published):
    landing = numbers(instance, "landing")
    assert landing["rows, leads"] > 0
    assert landing["dagster/row_count"] == sum(rows for name, rows in landing.items() if name.startswith("rows, "))
    models = numbers(instance, "model_evaluation")
    assert models["dormancy, 90 days: AUC"] > 0.5
    assert models["dormancy, 90 days: AUC of the recency rule"] > 0
    assert numbers(instance, "scores", asset_partitions=[LAST_DAY])["dormancy, 90 days: largest drift (PSI)"] >= 0
    version = numbers(instance, "published_version", asset_partitions=[LAST_DAY])
    assert version["seconds since the run began"] > 0
    assert version["dagster/row_count"] == published.execute("SELECT count(*) FROM customer_grades").fetchone()[0]
    delivered = numbers(instance, ["sources", "demo"])
    assert 0 < delivered["new rows, leads"] <= landing["rows, leads"]


def test_an_asset_has_one_check_with_the_results_of_its_dbt_tests(instance):
    key = dg.AssetCheckKey(dg.AssetKey("customer_grades"), "dbt_tests")
    (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    evaluation = record.event.dagster_event.asset_check_evaluation_data
    assert evaluation.passed
    counts = {name: value.value for name, value in evaluation.metadata.items()}
    assert counts["tests passed"] > 0
    assert counts["tests failed"] == counts["tests skipped"] == 0
