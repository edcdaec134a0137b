"""The drop folder where files cannot be read, moved or written: nothing else stops."""

from __future__ import annotations

import errno
import os

import pytest

from pipelines.ingest.drop.batches import dropped_batches
from pipelines.ingest.drop.reject import reject_dropped
from pipelines.ingest.errors import IngestError
from tests.ingest_home import SALES
from tests.integration.ingest.drop.dropped import BAD, GOOD, OtherOwner, aside, drop, root_files


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


def test_an_error_of_a_library_reaches_dagster_without_its_message(tick, monkeypatch):
    def fail(*_):
        raise TypeError("cannot convert 13812345678")

    monkeypatch.setattr("pipelines.ingest.drop.sensor.take_dropped", fail)
    with pytest.raises(IngestError, match="TypeError") as raised:
        tick()
    assert "13812345678" not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__
