"""The drop folder, from the file that somebody writes to the run that is requested or the report that comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from pipelines.ingest.drop_batches import dropped_batches
from pipelines.ingest.drop_reject import reject_dropped
from tests.integration.ingest_home import SALES, IngestHome

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
    """One evaluation of the sensor; the cursor goes from each to the next, as the daemon does it."""
    from pipelines.automation import drop_folder

    cursor: list[str | None] = [None]

    def evaluate() -> dg.SensorResult:
        with dg.DagsterInstance.ephemeral() as instance:
            result = drop_folder(dg.build_sensor_context(instance, cursor=cursor[0]))
        assert list(home.settings.drop.iterdir()), "the folders of the sources are there for people to find"
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
    """The rejected folders with the names in them."""
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


def test_a_folder_waits_for_the_last_of_its_files_and_comes_as_one_batch(home, tick):
    drop(home, GOOD, "a.csv")
    tick()
    drop(home, GOOD.replace("100", "101"), "b.csv")
    assert not tick().run_requests
    (request,) = tick().run_requests
    (batch,) = dropped_batches(home.settings)
    assert request.run_key == batch.batch
    assert [file.sent for file in batch.files] == root_files(home) == ["a.csv", "b.csv"]


def test_folders_of_several_sources_ask_for_one_run_of_today(home, tick):
    home.mapping(SALES.replace("shop", "mall"), "mall")
    drop(home, GOOD)
    drop(home, GOOD, source="mall")
    tick()
    (request,) = tick().run_requests
    assert request.partition_key == str(home.settings.now().date())
    assert [batch.source for batch in dropped_batches(home.settings)] == ["mall", "shop"]
    assert not tick().run_requests


@pytest.mark.parametrize("name", [".sales.csv", "sales.csv.part", "~$sales.csv", ".upload/sales.csv"])
def test_names_of_unfinished_files_are_not_looked_at(home, tick, name):
    path = drop(home, GOOD, name)
    tick()
    assert not tick().run_requests
    assert path.exists() and aside(home) == {}


def test_the_same_content_twice_asks_for_nothing_twice(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    drop(home, GOOD)
    drop(home, GOOD, "sales (1).csv")
    tick()
    assert not tick().run_requests
    assert root_files(home) == ["sales.csv"]
    assert "byte for byte the same was received before" in report(home)


def test_a_corrected_file_never_overwrites_the_earlier_and_its_version_counts(home, tick):
    for content in (GOOD, GOOD.replace("200", "250")):
        drop(home, content)
        tick()
        assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv", "sales_0002.csv"]
    home.load()
    assert home.query("SELECT amount FROM landing.transactions WHERE transaction_id = '2'") == [(250,)]


def test_an_older_content_that_returns_is_a_correction_and_runs(home, tick):
    for content in (GOOD, GOOD.replace("200", "250"), GOOD):
        drop(home, content)
        tick()
        assert len(tick().run_requests) == 1
    keys = [batch.batch for batch in dropped_batches(home.settings)]
    assert len(set(keys)) == 3


def test_a_file_that_no_mapping_reads_goes_back_with_the_names_that_are_read(home, tick):
    drop(home, "hello", "notes.docx")
    drop(home, GOOD)
    tick()
    assert len(tick().run_requests) == 1, "the others go on"
    assert list(aside(home).values()) == [["notes.docx", "report.txt"]]
    assert "drop/shop/: *.csv" in report(home)


@pytest.mark.parametrize("source", ["shopp", "."])
def test_a_file_in_no_sources_folder_goes_back_with_the_folders_that_are_read(home, tick, source):
    drop(home, GOOD, source=source)
    tick()
    assert not tick().run_requests
    assert "drop/shop/: *.csv" in report(home)
    assert root_files(home) == []


def test_files_of_a_faulty_mapping_wait_for_it(home, tick):
    path = drop(home, GOOD)
    home.mapping(SALES.replace("timezone: Asia/Shanghai", "timezone: Peking"))
    tick()
    assert "shop.yml, line 3, timezone" in tick().skip_reason.skip_message
    assert path.exists()
    home.mapping()
    assert len(tick().run_requests) == 1


def test_a_name_that_the_mapping_cannot_read_twice_goes_back(home, tick):
    home.mapping(SALES.replace('"*.csv"', "sales.csv"))
    home.raw(GOOD)
    drop(home, BAD)
    tick()
    assert not tick().run_requests
    assert "sales*.csv" in report(home)


def test_a_kill_between_record_and_move_loses_no_file_and_no_run(home, tick, monkeypatch):
    from pipelines.ingest import drop as module

    drop(home, GOOD)
    tick()
    with monkeypatch.context() as killed:
        killed.setattr(module, "move_without_replacing", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tick()
    assert root_files(home) == []
    assert len(tick().run_requests) == 1
    assert root_files(home) == ["sales.csv"]


def test_a_batch_over_its_bar_goes_back_with_file_line_and_counts(home, tick):
    home.raw(GOOD.replace("1,c1", "9,c9"), "by_hand.csv")
    drop(home, BAD)
    tick()
    tick()
    reports = home.stage()
    (folder,) = reject_dropped(home.settings, reports)
    assert sorted(path.name for path in folder.iterdir()) == ["report.txt", "sales.csv"]
    assert root_files(home) == ["by_hand.csv"], "what was not dropped stays"
    text = report(home)
    assert "sales.csv (transactions): 3 rows: 1 good, 2 wrong" in text
    assert "1 × type, field occurred_at: sales.csv" in text
    assert "sales.csv, line 3, occurred_at: expected" in text and "found text like 0000-00-00" in text
    assert "sales.csv, line 4, amount: expected" in text
    assert "drop/shop/ again" in text
    assert "by_hand" not in text
    assert reject_dropped(home.settings, reports) == []


def test_a_refused_file_goes_back_and_the_rest_of_its_batch_stays(home, tick):
    drop(home, GOOD)
    drop(home, "id,customer,price\n7,c7,100\n", "headless.csv")
    tick()
    tick()
    (folder,) = reject_dropped(home.settings, home.load())
    assert sorted(path.name for path in folder.iterdir()) == ["headless.csv", "report.txt"]
    assert "headless.csv, line 1" in report(home) and "day" in report(home)
    assert root_files(home) == ["sales.csv"]
    assert home.query("SELECT count(*) FROM landing.transactions") == [(2,)]


def test_a_rejected_file_is_taken_again_once_it_is_put_back(home, tick):
    drop(home, BAD)
    tick()
    (first,) = tick().run_requests
    (folder,) = reject_dropped(home.settings, home.stage())
    (folder / "sales.csv").rename(home.settings.drop / "shop" / "sales.csv")
    tick()
    (second,) = tick().run_requests
    assert second.run_key != first.run_key, "Dagster would not start a run for a key that it has seen"


def test_a_clean_batch_is_not_sent_back(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    assert reject_dropped(home.settings, home.load()) == []
    assert aside(home) == {}


def test_the_cursor_is_small_and_forgets_what_is_gone(home, tick):
    drop(home, GOOD)
    tick()
    tick()
    assert json.loads(tick().cursor) == {"requested": 1, "states": {}}


def test_a_file_for_a_demo_is_graded_today_and_says_what_that_means(home: IngestHome, tick, capfd) -> None:
    (home.settings.sources_dir / "shop.yml").unlink()
    home.mapping(SALES.replace("source: shop", "source: demo").replace("../raw/shop", "../raw/demo"), "demo")
    (home.settings.home / "demo").mkdir()
    (home.settings.home / "demo" / ".last_day").write_text("2026-06-30")
    drop(home, GOOD, source="demo")
    tick()
    (request,) = tick().run_requests
    assert f"the demo's files end on 2026-06-30, what came now is known from {request.partition_key} on" in (
        capfd.readouterr().err
    )
