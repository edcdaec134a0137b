"""The drop folder: from a written file to a requested run or a report."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from pipelines.ingest.drop.batches import dropped_batches
from pipelines.ingest.drop.reject import reject_dropped
from tests.ingest_home import SALES, IngestHome

HEADER = "id,customer,day,price\n"
GOOD = HEADER + "1,c1,2026-01-01,100\n2,c2,2026-01-02,200\n"
BAD = HEADER + "1,c1,2026-01-01,100\n2,c2,2026-02-31,200\n3,c3,2026-01-03,-5\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IngestHome:
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    home = IngestHome.at(tmp_path)
    home.mapping()
    return home


@pytest.fixture
def tick(home: IngestHome) -> Callable[[], dg.SensorResult]:
    """Evaluates the sensor once. Each evaluation gets the cursor of the one before, as in the daemon."""
    from pipelines.ingest.drop.sensor import drop_folder

    cursor: list[str | None] = [None]

    def evaluate() -> dg.SensorResult:
        with dg.DagsterInstance.ephemeral() as instance:
            result = drop_folder(dg.build_sensor_context(instance, cursor=cursor[0]))
        assert list(home.settings.drop.iterdir()), "expected a folder for each source"
        cursor[0] = result.cursor
        return result

    return evaluate


def drop(home: IngestHome, content: str, name: str = "sales.csv", source: str = "shop", mode: str = "w") -> Path:
    path = home.settings.drop / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode, encoding="utf-8") as stream:
        stream.write(content)
    return path


def root_files(home: IngestHome) -> list[str]:
    return sorted(path.name for path in (home.settings.home / "raw" / "shop").iterdir())


def aside(home: IngestHome) -> dict[str, list[str]]:
    """The rejected folders with the names of their files."""
    folders = sorted((home.settings.drop / "rejected").glob("*"))
    return {folder.name: sorted(path.name for path in folder.rglob("*") if path.is_file()) for folder in folders}


def report(home: IngestHome) -> str:
    (path,) = (home.settings.drop / "rejected").glob("*/report.txt")
    return path.read_text(encoding="utf-8")


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


class OtherOwner:
    """Dropped files that we may not read, link or move. Simulated, because root, who may run the tests, always may."""

    def __init__(
        self, patched: pytest.MonkeyPatch, *, readable: bool = False, movable: bool = True, below: str = "drop"
    ) -> None:
        self.names, self.below = set(), below
        self._refuse(patched, os, "link", lambda *_: True)
        self._refuse(patched, os, "open", lambda *_: not readable)
        self._refuse(patched, os, "rename", lambda *_: not movable)
        self._refuse(patched, os, "unlink", lambda *_: not movable)

    def _refuse(self, patched, module, function, is_refused) -> None:
        allowed = getattr(module, function)

        def refuse(path, *arguments, **options):
            at = Path(os.fspath(path))
            if is_refused(path) and at.name in self.names and at.parent.parent.name == self.below:
                number = errno.EPERM if function == "link" else errno.EACCES
                raise PermissionError(number, "Permission denied", str(path))
            return allowed(path, *arguments, **options)

        patched.setattr(module, function, refuse)


def test_an_unreadable_file_of_another_owner_does_not_stop_others(home, tick, monkeypatch):
    home.mapping(SALES.replace("shop", "mall"), "mall")
    drop(home, GOOD, "a.csv", source="mall")
    drop(home, GOOD)
    drop(home, GOOD.replace("100", "101"), "b.csv")
    drop(home, "?", "of_no_source.csv", source="nowhere")
    others = OtherOwner(monkeypatch)
    others.names |= {"a.csv"}
    tick()
    (request,) = tick().run_requests
    assert "shop-drop" in request.run_key and "mall" not in request.run_key
    assert root_files(home) == ["b.csv", "sales.csv"]
    (folder,) = [name for name in aside(home) if name.startswith("mall")]
    report_text = (home.settings.drop / "rejected" / folder / "report.txt").read_text()
    assert "the file cannot be read: Permission denied" in report_text
    assert "drop/mall" not in report_text.split("Why")[0]
    assert not tick().run_requests and "mall" not in (tick().skip_reason.skip_message)


def test_a_file_of_another_owner_that_can_be_read_is_copied(home, tick, monkeypatch):
    path = drop(home, GOOD)
    OtherOwner(monkeypatch, readable=True).names.add("sales.csv")
    tick()
    assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv"] and not path.exists()


def test_a_file_that_cannot_be_moved_is_reported_each_time_and_taken_once(home, tick, monkeypatch):
    path = drop(home, GOOD)
    drop(home, GOOD.replace("100", "101"), "b.csv")
    with monkeypatch.context() as patched:
        OtherOwner(patched, readable=True, movable=False).names.add("sales.csv")
        tick()
        assert len(tick().run_requests) == 1
        for _ in range(3):
            assert "sales.csv cannot be moved: Permission denied" in tick().skip_reason.skip_message
        assert (root_files(home), aside(home)) == (["b.csv"], {})
        assert len(dropped_batches(home.settings)) == 2
    assert len(tick().run_requests) == 1
    assert root_files(home) == ["b.csv", "sales.csv"] and not path.exists()
    assert len(dropped_batches(home.settings)) == 2


def test_a_file_that_can_be_neither_read_nor_moved_leaves_no_rejected_folder(home, tick, monkeypatch):
    drop(home, GOOD)
    OtherOwner(monkeypatch, movable=False).names.add("sales.csv")
    tick()
    for _ in range(3):
        assert "sales.csv cannot be read: Permission denied" in tick().skip_reason.skip_message
    assert aside(home) == {}


def test_a_full_disk_is_reported_and_the_files_are_taken_later(home, tick, monkeypatch):
    from pipelines.ingest.drop import take as module

    home.mapping(SALES.replace("shop", "mall"), "mall")
    drop(home, GOOD, source="mall")
    drop(home, "hello", "notes.docx")
    tick()
    with monkeypatch.context() as full:
        refuse = lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device"))  # noqa: E731
        full.setattr(module, "write_record", refuse)
        full.setattr("pipelines.ingest.drop.reject.write_atomically", refuse)
        for _ in range(2):
            result = tick()
            assert not result.run_requests
            assert result.skip_reason.skip_message.count("No space left on device") == 2
    assert aside(home) == {}
    assert len(tick().run_requests) == 1
    assert list(aside(home).values()) == [["notes.docx", "report.txt"]]


def test_pipes_links_and_folders_are_skipped_and_reported(home, tick):
    folder = home.settings.drop / "shop"
    drop(home, GOOD)
    os.mkfifo(folder / "pipe.csv")
    (folder / "broken.csv").symlink_to("/nowhere/x.csv")
    (folder / "out").symlink_to("/etc")
    (folder / "folder.csv").mkdir()
    tick()
    assert len(tick().run_requests) == 1
    message = tick().skip_reason.skip_message
    assert "shop/pipe.csv is not a regular file: skipped" in message
    assert "shop/broken.csv is a link: skipped" in message
    assert root_files(home) == ["sales.csv"] and aside(home) == {}


def test_a_file_that_disappears_does_not_stop_the_others(home, tick, monkeypatch):
    from pipelines.ingest.drop import take as module

    drop(home, GOOD)
    gone = drop(home, GOOD.replace("100", "101"), "a.csv")
    tick()
    scan = module.scan

    def scan_and_lose(*arguments):
        scanned = scan(*arguments)
        gone.unlink()
        return scanned

    with monkeypatch.context() as patched:
        patched.setattr(module, "scan", scan_and_lose)
        assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv"] and aside(home) == {}


def test_a_source_whose_folder_cannot_be_created_does_not_stop_the_others(home, tick):
    home.mapping(SALES.replace("shop", "mall"), "mall")
    home.settings.drop.mkdir()
    (home.settings.drop / "mall").write_text("a file")
    drop(home, GOOD)
    first = tick()
    assert "mall: File exists" in first.skip_reason.skip_message
    assert len(tick().run_requests) == 1


def test_a_root_inside_the_drop_folder_does_not_stop_other_sources(home, tick):
    inside = home.settings.drop / "mall" / "in"
    inside.mkdir(parents=True)
    home.mapping(SALES.replace("source: shop", "source: mall").replace("../raw/shop", str(inside)), "mall")
    drop(home, GOOD, source="mall")
    drop(home, GOOD)
    tick()
    assert len(tick().run_requests) == 1
    assert "expected a folder outside the drop folder" in tick().skip_reason.skip_message


def test_a_dropped_file_does_not_leave_the_root_through_a_link(home, tick):
    home.mapping(SALES.replace('"*.csv"', '"**/*.csv"'))
    outside = home.settings.home / "elsewhere"
    outside.mkdir()
    (home.settings.home / "raw" / "shop" / "2026").symlink_to(outside)
    (home.settings.home / "raw" / "shop" / "2025").write_text("a file")
    drop(home, GOOD, "2026/sales.csv")
    drop(home, GOOD.replace("100", "101"), "2025/sales.csv")
    drop(home, GOOD.replace("100", "102"))
    tick()
    assert len(tick().run_requests) == 1
    assert list(outside.iterdir()) == []
    reports = " ".join(path.read_text() for path in (home.settings.drop / "rejected").glob("*/report.txt"))
    assert "is a link to a place outside the folder of the source" in reports
    assert "the folder of 2025/sales.csv has the name of an existing file" in reports


def test_a_batch_that_cannot_be_moved_back_does_not_stop_the_others(home, tick, monkeypatch):
    home.mapping(SALES.replace("shop", "mall"), "mall")
    drop(home, BAD)
    drop(home, BAD, "mine.csv", source="mall")
    tick()
    tick()
    reports, warnings = home.stage(), []
    OtherOwner(monkeypatch, movable=False, below="raw").names.add("mine.csv")
    (folder,) = reject_dropped(home.settings, reports, warnings.append)
    assert folder.name.startswith("shop-drop") and len(warnings) == 1
    assert warnings[0].startswith("mall-drop") and "Permission denied" in warnings[0]
