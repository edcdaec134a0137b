"""The dry run: what a run would take and why not the rest, and a home that is left as it was."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.ingest import landing
from pipelines.ingest.draft.table import read_table
from pipelines.ingest.dry_run import dry_run
from pipelines.ingest.errors import IngestError, MappingError
from pipelines.ingest.gate_tables import staged_tables
from tests.ingest_home import SALES, IngestHome

HEADER = "id,customer,day,price\n"
DIRTY = HEADER + "1,A,2025-01-01,10\n2,B,31-02-2025,20\n3,,2025-01-03,30\n4,D,2025-01-04,-4\n5,E,2025-01-05,-5\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping()
    home.raw(HEADER + "1,A,2025-01-01,10\n")
    home.load()
    return home


def state(home: IngestHome) -> dict[str, str]:
    return {
        str(path.relative_to(home.settings.home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.settings.home.rglob("*"))
        if path.is_file()
    }


def test_a_clean_file_passes_and_what_is_landed_counts_as_known(home: IngestHome) -> None:
    home.raw(HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n")
    before = state(home)
    result = dry_run(home.settings, "shop", 20)
    (row,) = result.report.files
    assert (row.lines, row.accepted, row.quarantined, row.known) == (2, 1, 0, 1)
    assert (result.passes, result.lines) == (True, ())
    assert state(home) == before


def test_each_bad_line_is_listed_and_all_rows_of_a_rule_are_counted(home: IngestHome) -> None:
    home.raw(DIRTY)
    before = state(home)
    result = dry_run(home.settings, str(home.settings.sources_dir / "shop.yml"), 2)
    assert [line.line for line in result.lines] == [3, 4]
    assert "expected a timestamp, found text like 00-00-0000" in result.lines[0].message
    assert {(fault.rule, fault.rows) for fault in result.report.batch.faults} == {
        ("type", 1),
        ("required", 1),
        ("minimum", 2),
    }
    assert (result.over_bar, result.passes) == (True, False)
    assert state(home) == before
    home.load()
    assert len(home.quarantine()) == 4, "the dry run has left nothing behind that a run would take for known"


def test_a_refused_file_and_an_unknown_source_are_reported(home: IngestHome) -> None:
    home.raw("no,such\n1,2\n", "other.csv")
    result = dry_run(home.settings, "shop", 20)
    assert "other.csv, line 1, transactions.transaction_id" in result.report.problems[0]
    assert not result.passes
    with pytest.raises(IngestError, match="there are: shop"):
        dry_run(home.settings, "shops", 20)
    home.mapping(SALES.replace("lead_id", "lead"))
    with pytest.raises(MappingError, match="unknown field"):
        dry_run(home.settings, "shop", 20)


def test_the_command_shows_counts_lines_and_reasons(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.raw(DIRTY)
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    said = CliRunner().invoke(cli, ["check", "shop", "--lines", "1"])
    assert said.exit_code == 1
    assert "sales.csv, transactions: 5 rows: 0 accepted, 4 quarantined, 1 already known" in said.output
    assert (
        "sales.csv, line 3, transactions: occurred_at: expected a timestamp, found text like 00-00-0000" in said.output
    )
    assert "2,B" not in said.output, "the line itself stays in the quarantine file"
    assert "80.0% quarantined, over the bar of 5.0%" in said.output
    home.raw(HEADER + "1,A,2025-01-01,10\n")
    said = CliRunner().invoke(cli, ["check", "shop"])
    assert (said.exit_code, "Nothing was loaded." in said.output) == (0, True)


def test_a_mapping_is_written_once_and_can_be_checked(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    file = home.raw("lead id,created date,phone\n1,2025-01-01,16000000001\n", "leads.csv", "crm")
    target = home.settings.sources_dir / "crm.yml"
    said = CliRunner().invoke(cli, ["map", str(file), "-o", str(target)])
    assert (said.exit_code, f"written: {target}" in said.output) == (0, True)
    assert "exists: choose another file" in CliRunner().invoke(cli, ["map", str(file), "-o", str(target)]).output
    said = CliRunner().invoke(cli, ["check", "crm"])
    assert (said.exit_code, "1 accepted" in said.output) == (0, True)
    assert "lead_id: lead id" in CliRunner().invoke(cli, ["map", str(file)]).output


@pytest.mark.parametrize("command", ["check", "map"])
def test_help_has_an_example(command: str) -> None:
    assert f"tierhouse {command} " in CliRunner().invoke(cli, [command, "--help"]).output


def test_check_names_currencies_without_a_rate(home: IngestHome) -> None:
    home.mapping(SALES.replace("currency: CNY", "currency: AED"))
    [note] = [note for note in dry_run(home.settings, "shop", 0).report.notes if "no rate" in note]
    assert note.startswith("AED: no rate (deals, rows: ")
    assert str(home.settings.fx_rates) in note
    home.settings.fx_rates.write_text("currency,valid_from,rate\nCNY,2020-01-01,1\nAED,2020-01-01,1.95\n")
    assert not any("no rate" in note for note in dry_run(home.settings, "shop", 0).report.notes)


def test_check_reports_everything_that_a_run_would_refuse(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    home.settings.fx_rates.write_text("currency,valid_from,rate\nUSD,2020-01-01,0\n", encoding="utf-8")
    said = CliRunner().invoke(cli, ["check", "shop"])
    assert (said.exit_code, "fx_rates.csv, line 2: rate: expected more than 0" in said.output) == (1, True)
    home.settings.identity_overrides.write_text("decision\nlink\n", encoding="utf-8")
    assert "identity_overrides.csv, line 1: expected the columns" in CliRunner().invoke(cli, ["check", "shop"]).output
    home.mapping(name="twin")
    draft = home.settings.home / "draft.yml"
    draft.write_text(SALES.replace("../raw", "raw"), encoding="utf-8")
    (_, second) = home.stage()
    assert dry_run(home.settings, "twin", 20).report.problems == second.problems != []
    assert dry_run(home.settings, "shop", 20).passes
    assert dry_run(home.settings, str(draft), 20).passes, "a draft may have the name of what it is to replace"


def test_a_clock_that_was_ahead_is_reported_with_its_batch(home: IngestHome) -> None:
    home.raw(HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n")
    (late,) = home.load(datetime.now(UTC) + timedelta(hours=20))
    said = dry_run(home.settings, "shop", 20)
    assert (said.passes, len(said.report.notes)) == (True, 1)
    home.raw(HEADER + "3,C,2025-01-03,30\n", "more.csv")
    (spoilt,) = home.load(datetime.now(UTC) + timedelta(days=30))
    (problem,) = dry_run(home.settings, "shop", 20).report.problems
    assert spoilt.batch.batch in problem
    assert late.batch.batch not in problem
    (report,) = home.stage(datetime.now(UTC))
    assert report.problems == [problem]
    landing.reject(home.settings, spoilt.batch.batch, "a clock was ahead")
    (home.settings.home / "raw" / "shop" / "more.csv").rename(home.settings.home / "raw" / "shop" / "again.csv")
    assert dry_run(home.settings, "shop", 20).passes


def test_a_folder_that_reads_as_a_pattern_or_a_partition_is_a_name(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path / "home [1] *" / "source=other")
    home.mapping(SALES + '  - path: "*.parquet"\n' + SALES.split('"*.csv"\n')[1])
    home.raw(HEADER + "1,A,2025-01-01,10\n")
    parquet = home.settings.home / "raw" / "shop" / "more.parquet"
    row = {"id": ["2"], "customer": ["B"], "day": ["2025-01-02"], "price": ["20"]}
    pd.DataFrame(row).to_parquet(parquet, index=False)
    assert read_table(parquet).columns == ("id", "customer", "day", "price")
    home.load()
    home.raw(DIRTY + "6,F,2025-01-06,6\n")
    result = dry_run(home.settings, "shop", 20)
    assert len(result.lines) == 4
    home.stage()
    staged = staged_tables(home.settings)["staged_transactions"]
    assert duckdb.sql(f"SELECT DISTINCT source FROM ({staged})").fetchall() == [("shop",)]
    home.load()
    found = home.query("SELECT source, transaction_id FROM landing.transactions ORDER BY 2")
    assert {source for source, _ in found} == {"shop"} and [key for _, key in found] == ["1", "2", "6"]
