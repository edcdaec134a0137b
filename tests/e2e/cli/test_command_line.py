"""The command line with wrong input: one clear line, no stack trace, and the other sources are graded."""

import duckdb
import pytest

from tests.home import published, tierhouse, with_source


def plain(done):
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["backfill", "-h"]])
def test_help_is_printed(tmp_path, arguments):
    done = tierhouse(tmp_path, *arguments)
    assert "Usage: tierhouse" in done.stdout
    assert plain(done) == ""


def test_an_empty_home_names_the_expected_mapping_file(tmp_path):
    done = tierhouse(tmp_path / "home", "run", "--as-of", "2026-06-30", check=False)
    assert done.returncode == 1
    assert f"expected mapping files such as {tmp_path / 'home' / 'sources' / 'crm.yml'}" in plain(done)


def test_a_home_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = tierhouse(tmp_path / "file" / "home", "demo", check=False)
    assert done.returncode == 1
    assert "set TIERHOUSE_HOME to a folder that can be written" in plain(done)


def test_a_wrong_setting_is_named(tmp_path):
    done = tierhouse(tmp_path, "status", check=False, TIERHOUSE_TIMEZONE="Peking")
    assert done.returncode == 1
    assert plain(done).startswith("Error: TIERHOUSE_TIMEZONE='Peking'")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rollback", "2026-06-30-none"], "no published version '2026-06-30-none'"),
        (["reject", "none", "--reason", "x"], "expected a staged or committed batch"),
        (["demote", "dormancy"], "expected two dormancy champions for 90 days, to return to the first; found none"),
        (
            ["demote", "churn"],
            "expected a target of intent, dormancy, tenant_loss, winback, purchase_silence, found churn",
        ),
    ],
)
def test_wrong_arguments_get_one_line(tmp_path, arguments, expected):
    done = tierhouse(tmp_path, *arguments, check=False)
    assert done.returncode in (1, 2)
    assert expected in plain(done)


def test_a_poisoned_batch_stops_the_run_and_changes_nothing_that_is_published(crowded):
    assert crowded.blocked.returncode == 1
    assert "gate_raw" in plain(crowded.blocked)
    assert crowded.published_after == crowded.published_before != {}


def test_once_the_batch_is_rejected_broken_files_are_named_and_the_other_sources_graded(crowded):
    output = plain(crowded.done)
    for expected in (
        "zipped.csv",
        "empty.csv",
        "headeronly.csv",
        "columnmissing.csv, line 1",
        "nodate.csv, line 2, created_at: no row fits the mapping",
        "wrongmapping.yml, line 9, leads.lead",
    ):
        assert expected in output, expected
    grades = published(crowded.home, "customer_grades")
    shops = {name: with_source(crowded.home, grades, name) for name in ("good", "somedirt", "poisoned")}
    assert {name: len(rows) for name, rows in shops.items()} == {"good": 59, "somedirt": 60, "poisoned": 0}
    assert set(shops["good"]["churn_status"]) | set(shops["somedirt"]["churn_status"]) == {"not_available"}


def test_rows_with_faults_are_quarantined_and_counted_by_rule(crowded):
    with duckdb.connect(str(crowded.home / "warehouse.duckdb"), read_only=True) as connection:
        faults = connection.execute(
            "SELECT rule, entity, sum(rows)::INT FROM landing.quarantine WHERE source = 'somedirt' GROUP BY ALL"
        ).fetchall()
    assert {("type", "leads", 1), ("minimum", "transactions", 1)} <= set(faults)
    quality = published(crowded.home, "data_quality").set_index(["rule", "entity"])["rows_failed"]
    assert quality["type", "leads"] >= 1
    assert quality["minimum", "transactions"] >= 1
