"""The drop folder: from a written file to a requested run or a report."""

from __future__ import annotations

import json
import os

import pytest

from pipelines.ingest.drop.batches import dropped_batches
from pipelines.ingest.drop.reject import reject_dropped
from tests.ingest_home import SALES, IngestHome
from tests.integration.ingest.drop.dropped import BAD, GOOD, aside, drop, report, root_files


def test_a_file_that_is_still_being_written_is_not_taken(home, tick):
    path = drop(home, GOOD[:30])
    first = tick()
    drop(home, GOOD[30:], mode="a")
    second = tick()
    assert not first.run_requests and not second.run_requests
    assert "shop/sales.csv is still being written" in second.skip_reason.skip_message
    assert path.exists() and root_files(home) == []
    assert len(tick().run_requests) == 1
    assert (home.settings.home / "raw" / "shop" / "sales.csv").read_text() == GOOD
    assert not path.exists()


def test_a_folder_waits_for_all_of_its_files_and_becomes_one_batch(home, tick):
    drop(home, GOOD, "a.csv")
    tick()
    drop(home, GOOD.replace("100", "101"), "b.csv")
    assert not tick().run_requests
    (request,) = tick().run_requests
    (batch,) = dropped_batches(home.settings)
    assert request.run_key == batch.batch
    assert [file.sent for file in batch.files] == root_files(home) == ["a.csv", "b.csv"]


def test_folders_of_several_sources_request_one_run_of_today(home, tick):
    home.mapping(SALES.replace("shop", "mall"), "mall")
    drop(home, GOOD)
    drop(home, GOOD, source="mall")
    tick()
    (request,) = tick().run_requests
    assert request.partition_key == str(home.settings.now().date())
    assert [batch.source for batch in dropped_batches(home.settings)] == ["mall", "shop"]
    assert not tick().run_requests


@pytest.mark.parametrize("name", [".sales.csv", "sales.csv.part", "~$sales.csv", ".upload/sales.csv"])
def test_files_with_the_name_of_an_unfinished_upload_are_skipped(home, tick, name):
    path = drop(home, GOOD, name)
    tick()
    assert not tick().run_requests
    assert path.exists() and aside(home) == {}


def test_the_same_content_twice_requests_one_run(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    drop(home, GOOD)
    drop(home, GOOD, "sales (1).csv")
    tick()
    assert not tick().run_requests
    assert root_files(home) == ["sales.csv"]
    assert "exactly the same bytes was received before" in report(home)


def test_a_corrected_file_does_not_overwrite_the_earlier_file_and_its_rows_count(home, tick):
    for content in (GOOD, GOOD.replace("200", "250")):
        drop(home, content)
        tick()
        assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv", "sales_0002.csv"]
    home.load()
    assert home.query("SELECT amount FROM landing.transactions WHERE transaction_id = '2'") == [(250,)]


def test_an_older_content_sent_again_is_a_correction_with_its_own_run(home, tick):
    for content in (GOOD, GOOD.replace("200", "250"), GOOD):
        drop(home, content)
        tick()
        assert len(tick().run_requests) == 1
    keys = [batch.batch for batch in dropped_batches(home.settings)]
    assert len(set(keys)) == 3


def test_a_file_that_no_mapping_reads_is_rejected_with_the_expected_names(home, tick):
    drop(home, "hello", "notes.docx")
    drop(home, GOOD)
    tick()
    assert len(tick().run_requests) == 1, "expected the other file to be taken"
    assert list(aside(home).values()) == [["notes.docx", "report.txt"]]
    assert "drop/shop/: *.csv" in report(home)


@pytest.mark.parametrize("source", ["shopp", "."])
def test_a_file_in_the_folder_of_no_source_is_rejected_with_the_expected_folders(home, tick, source):
    drop(home, GOOD, source=source)
    tick()
    assert not tick().run_requests
    assert "drop/shop/: *.csv" in report(home)
    assert root_files(home) == []


def test_files_wait_while_their_mapping_has_an_error(home, tick):
    path = drop(home, GOOD)
    home.mapping(SALES.replace("timezone: Asia/Shanghai", "timezone: Peking"))
    tick()
    assert "shop.yml, line 3, timezone" in tick().skip_reason.skip_message
    assert path.exists()
    home.mapping()
    assert len(tick().run_requests) == 1


def test_a_second_file_is_rejected_if_the_mapping_reads_one_name_only(home, tick):
    home.mapping(SALES.replace('"*.csv"', "sales.csv"))
    home.raw(GOOD)
    drop(home, BAD)
    tick()
    assert not tick().run_requests
    assert "sales*.csv" in report(home)


def test_a_kill_between_record_and_move_loses_no_file_and_no_run(home, tick, monkeypatch):
    from pipelines.ingest.drop import take as module

    drop(home, GOOD)
    tick()
    with monkeypatch.context() as killed:
        killed.setattr(module, "move_without_replacing", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tick()
    assert root_files(home) == []
    assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv"]


def test_a_batch_over_its_bar_is_rejected_with_file_line_and_counts(home, tick):
    home.raw(GOOD.replace("1,c1", "9,c9"), "by_hand.csv")
    drop(home, BAD)
    tick()
    tick()
    reports = home.stage()
    (folder,) = reject_dropped(home.settings, reports)
    assert sorted(path.name for path in folder.iterdir()) == ["report.txt", "sales.csv"]
    assert root_files(home) == ["by_hand.csv"], "expected a file that was not dropped to stay"
    text = report(home)
    assert "sales.csv (transactions): 3 rows: 1 good, 2 wrong" in text
    assert "1 × type, field occurred_at: sales.csv" in text
    assert "sales.csv, line 3, occurred_at: expected" in text and "found text like 0000-00-00" in text
    assert "sales.csv, line 4, amount: expected" in text
    assert "drop/shop/ again" in text
    assert "by_hand" not in text
    assert reject_dropped(home.settings, reports) == []


def test_an_unreadable_file_is_rejected_and_the_rest_of_its_batch_stays(home, tick):
    drop(home, GOOD)
    drop(home, "id,customer,price\n7,c7,100\n", "headless.csv")
    tick()
    tick()
    (folder,) = reject_dropped(home.settings, home.load())
    assert sorted(path.name for path in folder.iterdir()) == ["headless.csv", "report.txt"]
    assert "headless.csv, line 1" in report(home) and "day" in report(home)
    assert root_files(home) == ["sales.csv"]
    assert home.query("SELECT count(*) FROM landing.transactions") == [(2,)]


def test_a_rejected_file_is_taken_again_after_it_was_put_back(home, tick):
    drop(home, BAD)
    tick()
    (first,) = tick().run_requests
    (folder,) = reject_dropped(home.settings, home.stage())
    (folder / "sales.csv").rename(home.settings.drop / "shop" / "sales.csv")
    tick()
    (second,) = tick().run_requests
    assert second.run_key != first.run_key, "Dagster starts no second run for the same key"


def test_a_batch_without_errors_is_not_rejected(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    assert reject_dropped(home.settings, home.load()) == []
    assert aside(home) == {}


def test_the_cursor_contains_existing_files_only(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    assert json.loads(tick().cursor) == {"requested": 1, "states": {}}


def test_a_file_for_a_demo_is_graded_today_with_a_warning(home: IngestHome, tick, capfd) -> None:
    (home.settings.sources_dir / "shop.yml").unlink()
    home.mapping(SALES.replace("source: shop", "source: demo").replace("../raw/shop", "../raw/demo"), "demo")
    (home.settings.home / "demo").mkdir()
    (home.settings.home / "demo" / ".last_day").write_text("2026-06-30")
    drop(home, GOOD, source="demo")
    tick()
    (request,) = tick().run_requests
    assert f"the demo's files end on 2026-06-30; the new rows are known from {request.partition_key} on" in (
        capfd.readouterr().err
    )


@pytest.mark.parametrize(
    "name",
    [
        "leads#1.csv",
        "a#b#c.csv",
        "100%20.csv",
        "what?.csv",
        "[1].csv",
        "a b's.csv",
        "客户　名单.csv",
        "x" * 251 + ".csv",
    ],
)
def test_a_file_with_an_unusual_name_is_taken_and_rejected(home, tick, name):
    drop(home, BAD, name)
    tick()
    assert len(tick().run_requests) == 1
    assert root_files(home) == [name]
    (folder,) = reject_dropped(home.settings, home.stage())
    assert sorted(path.name for path in folder.iterdir()) == sorted([name, "report.txt"])
    assert f"{name}, line 3, occurred_at: expected" in report(home)
    assert root_files(home) == []


def test_a_second_file_with_the_longest_name_is_rejected(home, tick):
    name = "x" * 251 + ".csv"
    for content in (GOOD, GOOD.replace("100", "101")):
        drop(home, content, name)
        tick()
        tick()
    assert root_files(home) == [name]
    assert "too long to add a number" in report(home)


@pytest.mark.parametrize("name", [b"\xd5\xc5.csv", b"a\nb.csv", b"\x1b[2J.csv"])
def test_a_name_that_is_no_text_is_rejected_and_the_other_files_are_taken(home, tick, name):
    drop(home, GOOD)
    drop(home, GOOD.replace("100", "101"), os.fsdecode(name))
    tick()
    assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv"]
    (names,) = aside(home).values()
    assert sorted(names) == sorted([os.fsdecode(name), "report.txt"])
    assert "expected names that are text in UTF-8" in report(home)
