"""Quarantined rows that come back corrected: none is lost, none comes twice, and each says what it corrects."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.ingest.errors import FileRefused, IngestError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mending.resubmit import StillWrong, resubmit
from pipelines.ingest.mending.rows import groups, lines_of, write_rows
from tests.ingest_home import IngestHome, counts

HEADER = "id,customer,day,price,note\n"
DIRTY = HEADER + '1,A,2025-01-01,10,\n2,B,31-02-2025,20,"=1+1"\n3,,2025-01-03,30,+86 138\n4,D,2025-01-04,-4,\n'


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path, quarantine_bar=0.9)
    home.mapping()
    home.raw(DIRTY)
    home.load()
    return home


def exported(home: IngestHome, target: Path) -> list[dict[str, str]]:
    """Write all quarantined rows of the only batch to a file, and return them."""
    batch = groups(home.settings)[0].batch
    rows = lines_of(home.settings.quarantine / f"{batch}.parquet")
    write_rows(load_mapping(home.settings.sources_dir / "shop.yml"), batch, rows, target)
    with target.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def save(rows: list[dict[str, str]], target: Path) -> Path:
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


def test_rows_are_written_in_their_columns_with_their_faults_and_no_formula(home: IngestHome, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "rows.csv")

    assert [(row["quarantined_file"], row["quarantined_line"]) for row in rows] == [
        ("sales.csv", "3"),
        ("sales.csv", "4"),
        ("sales.csv", "5"),
    ]
    assert [row["note"] for row in rows] == ["'=1+1", "'+86 138", ""]
    assert rows[2]["price"] == "'-4"
    assert rows[0]["problem"].startswith("transactions: occurred_at: expected a timestamp")
    assert (tmp_path / "rows.csv").stat().st_mode & 0o777 == 0o600


def test_corrected_rows_are_loaded_once_and_say_what_they_correct(home: IngestHome, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "rows.csv")
    rows[0]["day"], rows[1]["customer"] = "2025-02-28", "C"
    target, taken = resubmit(home.settings, save(rows[:2], tmp_path / "mended.csv"))
    [report] = home.load()

    assert (taken, target.stat().st_mode & 0o777) == (2, 0o600)
    assert [(each.file, each.accepted) for each in report.files] == [("sales.csv", 0), (f"mended/{target.name}", 2)]
    files = home.settings.landing / "data" / "*" / "transactions.parquet"
    landed = home.query(f"SELECT transaction_id, lead_id, extra FROM read_parquet('{files}') ORDER BY transaction_id")
    assert [(each, customer) for each, customer, _ in landed] == [("1", "A"), ("2", "B"), ("3", "C")]
    extra = json.loads(landed[1][2])
    assert (extra["quarantined_file"], extra["quarantined_line"]) == ("sales.csv", "3")
    assert (extra["note"], extra["quarantined_batch"]) == ("=1+1", rows[0]["quarantined_batch"])
    assert counts(home.load()[0]) == (6, 0, 0, 6)


def test_a_mended_row_counts_no_second_fault_when_its_export_comes_again(home: IngestHome, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "rows.csv")
    rows[0]["day"] = "2025-02-28"
    resubmit(home.settings, save(rows[:1], tmp_path / "mended.csv"))
    home.raw(DIRTY + "5,E,2025-01-05,50,\n")
    home.load()

    by_rule = [(group.rule, group.rows, group.mended) for group in groups(home.settings)]
    assert sorted(by_rule) == sorted(2 * [("type", 1, 1), ("required", 1, 0), ("minimum", 1, 0)])
    assert groups(home.settings, "other") == []


def test_a_row_that_is_still_wrong_is_named_and_nothing_is_taken(home: IngestHome, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "rows.csv")
    rows[0]["day"] = "2025-02-28"

    with pytest.raises(
        StillWrong, match=r"2 rows are still wrong, nothing is taken:\n  mended.csv, line 3, transactions"
    ):
        resubmit(home.settings, save(rows, tmp_path / "mended.csv"))
    assert not list(home.settings.mended.rglob("*.csv"))


def test_rows_that_are_not_in_quarantine_are_refused(home: IngestHome, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "rows.csv")[:1]
    with pytest.raises(StillWrong, match=r"mended.csv, line 2, quarantined_line: expected a quarantined line of sales"):
        resubmit(home.settings, save([rows[0] | {"quarantined_line": "2"}], tmp_path / "mended.csv"))
    with pytest.raises(IngestError, match="no committed batch 'shop-0'"):
        resubmit(home.settings, save([rows[0] | {"quarantined_batch": "shop-0"}], tmp_path / "mended.csv"))
    with pytest.raises(FileRefused, match="expected the columns quarantined_batch"):
        resubmit(home.settings, save([{"id": "1"}], tmp_path / "mended.csv"))


def test_the_commands_lead_from_the_list_to_the_next_run(home: IngestHome, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))

    def tierhouse(*words: str) -> str:
        result = CliRunner().invoke(cli, ["quarantine", *words])
        assert result.exit_code == 0, result.output
        return result.output

    listed = tierhouse("list")
    batch = listed.split()[0]
    shown = tierhouse("show", batch)
    assert "3 quarantined rows." in listed
    assert "sales.csv, line 3, transactions: occurred_at: expected a timestamp" in shown
    assert "31-02-2025" not in listed + shown
    tierhouse("show", batch, "--csv", str(tmp_path / "rows.csv"))
    rows = list(csv.DictReader((tmp_path / "rows.csv").open(encoding="utf-8", newline="")))
    save([rows[0] | {"day": "2025-02-28"}], tmp_path / "rows.csv")
    assert "1 corrected rows wait in" in tierhouse("resubmit", str(tmp_path / "rows.csv"))
    home.load()
    assert "1 rows, 1 mended" in tierhouse("list", "shop")
