"""A home with missing, older, damaged or exchanged files, manifests or log: what is reported, and what helps."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta

import pytest

from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.errors import IngestError
from pipelines.ingest.landing import commits
from pipelines.integrity import log
from pipelines.integrity.leftovers import clean_up
from pipelines.integrity.log import LOG
from pipelines.integrity.places import ROWS
from pipelines.integrity.sums import IntegrityError
from pipelines.integrity.verify import verify
from pipelines.ledger.grades import write_grades
from pipelines.publish.switch import damaged_versions, live_version, prune, roll_back, switch
from pipelines.scoring.signatures import assert_champions
from tests.ingest_home import NOW, IngestHome
from tests.integration.integrity.readers import LIVE, READERS, covered, one_of, read_landing, read_ledger, reported
from tests.integration.integrity.small_home import DAYS, HEADER, MODELS, grades


def test_a_missing_last_manifest_is_reported(home: Settings) -> None:
    last = max(home.landing.glob("batches/*.json"))
    last.unlink()
    with pytest.raises(IntegrityError, match=f"{last.name}: expected this file, found none"):
        read_landing(home)


def test_manifests_in_another_order_are_refused(home: Settings) -> None:
    first, second, *_ = sorted(home.landing.glob("batches/*.json"))
    second.rename(second.with_name(f"000000-{second.name[7:]}"))
    first.rename(first.with_name(f"000009-{first.name[7:]}"))
    with pytest.raises(IntegrityError, match="found none"):
        read_landing(home)


def test_a_missing_log_is_reported_and_no_new_log_is_begun(home: Settings) -> None:
    (home.home / LOG).unlink()
    assert reported(home) == {LOG}
    with pytest.raises(IntegrityError, match="the log is missing"):
        clean_up(home, print)
    assert reported(home) == {LOG}


def test_a_log_without_its_last_lines_reports_files_that_no_run_has_written(home: Settings) -> None:
    lines = (home.home / LOG).read_bytes().splitlines(keepends=True)
    (home.home / LOG).write_bytes(b"".join(lines[:-3]))
    assert reported(home) == {
        f"crm_export/versions/{LIVE}/{name}" for name in ("manifest.json", "shop.csv", "worklist_shop.csv")
    }


def test_a_home_that_is_older_than_its_log_is_sealed_once_and_then_checked(home: Settings) -> None:
    (home.home / LOG).unlink()
    for path in home.landing.glob("batches/*.json"):
        content = json.loads(path.read_text())
        del content["data"]
        path.write_text(json.dumps(content))
    for path in home.home.glob("*/versions/*/manifest.json"):
        path.unlink()
    read_landing(home)
    (fault,) = verify(home.home).faults
    assert (fault.file, fault.what) == (LOG, "this home has no log yet")
    lines: list[str] = []
    clean_up(home, lines.append)
    assert [line for line in lines if "sealed" in line] == [
        f"{LOG}: sealed {len(covered(home))} files as they are; earlier changes cannot be detected"
    ]
    lines.clear()
    clean_up(home, lines.append)
    assert (lines, reported(home)) == ([], set())
    for read in READERS.values():
        read(home)
    rows = one_of(home, ROWS, last=False)
    rows.write_bytes(rows.read_bytes()[:-1] + b"?")
    with pytest.raises(IntegrityError, match=rows.name):
        read_landing(home)


def test_a_damaged_batch_can_be_rejected_and_the_home_has_no_faults_again(home: Settings) -> None:
    first, *_ = landing.committed(home)
    rows = home.landing / "data" / first.batch / "transactions.parquet"
    rows.write_bytes(b"?")
    with pytest.raises(IntegrityError, match=f"tierhouse reject {rows.parent.name} --reason"):
        read_landing(home)
    landing.reject(home, rows.parent.name, "a damaged disk")
    read_landing(home)
    assert reported(home) == set()


def test_a_damaged_entry_of_the_day_that_is_graded_is_written_again(home: Settings) -> None:
    entry = next(home.ledger.glob(f"grades/as_of={DAYS[-1]}/*.parquet"))
    before = entry.read_bytes()
    entry.write_bytes(before[:-9])
    assert write_grades(home.ledger, DAYS[-1], grades(DAYS[-1])) == entry
    assert entry.read_bytes() == before
    read_ledger(home)


def test_a_damaged_version_is_named_and_neither_rolled_back_to_nor_deleted(home: Settings) -> None:
    old = home.published / "versions" / "2026-06-29-aaaaaaaa"
    (old / "customer_grades.parquet").write_bytes(b"?")
    (damaged,) = damaged_versions(home.published)
    assert damaged.startswith("published/versions/2026-06-29-aaaaaaaa/customer_grades.parquet: expected")
    with pytest.raises(IntegrityError, match=r"2026-06-29-aaaaaaaa/customer_grades\.parquet"):
        switch(home.published, old.name)
    assert (live_version(home.published), old.is_dir()) == (LIVE, True)


@pytest.mark.parametrize("change", [lambda file: file.write_bytes(b"?"), lambda file: shutil.rmtree(file.parent)])
def test_a_version_with_a_damaged_or_missing_export_is_not_rolled_back_to(home: Settings, change) -> None:
    change(home.crm_export / "versions" / "2026-06-29-aaaaaaaa" / "shop.csv")
    with pytest.raises(IntegrityError, match=r"crm_export/versions/2026-06-29-aaaaaaaa/"):
        roll_back(home, "2026-06-29-aaaaaaaa")
    assert (live_version(home.published), live_version(home.crm_export)) == (LIVE, LIVE)


def test_versions_that_tierhouse_deletes_are_no_faults(home: Settings) -> None:
    assert prune(home.published, keep=1) == ["2026-06-29-aaaaaaaa"]
    assert reported(home) == set()


def test_a_model_whose_files_and_manifest_were_exchanged_together_is_refused_unread(
    home: Settings,
) -> None:
    folder = home.model_store / MODELS[-1]
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "model.skops").write_bytes(b"another model")
    manifest["sha256"]["model.skops"] = hashlib.sha256(b"another model").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IntegrityError, match=f"{MODELS[-1]}/manifest.json: expected"):
        assert_champions(home, DAYS)
    assert_champions(home, DAYS[:1])


def test_rows_that_change_between_staging_and_commit_are_not_committed(home: Settings) -> None:
    ingest = IngestHome(home)
    ingest.raw(HEADER + "77,Q,2025-01-03,7\n", "late.csv")
    (report,) = ingest.stage(NOW + timedelta(days=9))
    rows = home.staged / report.batch.batch / "transactions.parquet"
    rows.write_bytes(rows.read_bytes()[:-1] + b"?")
    with pytest.raises(IngestError, match="since they were staged"):
        landing.commit(home, [report.batch])
    assert reported(home) == set()
    (report,) = ingest.load(NOW + timedelta(days=9))
    assert (report.batch.accepted, reported(home)) == ({"transactions": 1}, set())


def test_rows_of_a_commit_that_was_killed_before_its_manifest_are_removed_by_the_next_run(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = IngestHome(home)
    ingest.raw(HEADER + "77,Q,2025-01-03,7\n", "late.csv")
    (report,) = ingest.stage(NOW + timedelta(days=9))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(commits, "write_atomically", killed)
        patched.setattr(log, "_sums", killed)
        with pytest.raises(KeyboardInterrupt):
            landing.commit(home, [report.batch])
    left = home.landing / "data" / report.batch.batch
    for leftover in (home.published / "versions" / ".v.partial", home.home / "dbt" / "dbt_core-1f0c2a9b"):
        leftover.mkdir(parents=True)
        (leftover / "half").touch()
    assert left.is_dir()
    assert reported(home) == set()
    lines: list[str] = []
    clean_up(home, lines.append)
    assert lines[-1] == "removed 3 leftovers of earlier runs"
    assert not left.exists() and not list(home.home.rglob(".*.partial")) and not list((home.home / "dbt").iterdir())
    assert verify(home.home).changing == ()


def test_a_file_that_no_run_has_written_is_reported(home: Settings) -> None:
    added = home.published / "versions" / LIVE / "tierhouse.duckdb.wal"
    added.write_bytes(b"")
    (fault,) = verify(home.home).faults
    assert fault.remedy.startswith("move it out of the home")
    with pytest.raises(IntegrityError, match="Move it out of the home"):
        roll_back(home, LIVE)
    added.unlink()
    roll_back(home, LIVE)


@pytest.mark.parametrize("at", [0, -1])
def test_a_missing_or_damaged_manifest_is_rebuilt_from_its_batch(home: Settings, at: int) -> None:
    path = sorted(home.landing.glob("batches/*.json"))[at]
    whole = path.read_bytes()
    for damage in (path.unlink, lambda: path.write_bytes(whole.replace(b"shop", b"shoq"))):
        damage()
        log.reread()
        with pytest.raises(IntegrityError, match="the run rebuilds it"):
            read_landing(home)
        lines: list[str] = []
        clean_up(home, lines.append)
        assert [line for line in lines if path.name in line]
        assert path.read_bytes() == whole
        assert verify(home.home).faults == []
        read_landing(home)


def test_a_manifest_is_not_rebuilt_from_a_damaged_record(home: Settings) -> None:
    path = min(home.landing.glob("batches/*.json"))
    path.unlink()
    record = home.landing / "data" / path.stem.partition("-")[2] / "batch.json"
    record.write_bytes(record.read_bytes().replace(b"shop", b"shoq"))
    clean_up(home, print)
    assert not path.exists()
