"""The report as part of a version: in the checksum log, private, replaced and deleted with the version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.home.modes import OTHERS
from pipelines.home.settings import Settings, load_settings
from pipelines.integrity.check import folder_faults
from pipelines.integrity.log import read_log
from pipelines.integrity.verify import verify
from pipelines.orchestration.resources import Home
from pipelines.publish.folders import partial_folder, put_in_place
from pipelines.publish.switch import damaged_versions, prune, switch
from pipelines.report.assets import report
from pipelines.report.build import NothingToReport, build_report, version_to_report
from tests.home import open_to_others
from tests.publication import DAY, Publication

OLD, NEW = f"{DAY}-aaaaaaaa", f"{DAY}-bbbbbbbb"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An empty home, in a process with the umask of every process of tierhouse."""
    before = os.umask(OTHERS)
    home = tmp_path / 'it\'s {{ a }} "home" [1] * source=x 家'
    home.mkdir(mode=0o700)
    monkeypatch.setenv("TIERHOUSE_HOME", str(home))
    yield load_settings()
    os.umask(before)


def publish(settings: Settings, version: str) -> None:
    versions = settings.published / "versions"
    publication = Publication(partial_folder(versions, version))
    publication.task(publication.customer(1), "agent-1", 1)
    put_in_place(publication.close(), versions, version, {"customer_grades": 1})


def faults(settings: Settings) -> list[str]:
    return [fault.file for fault in verify(settings.home).faults]


def test_the_report_is_private_and_in_the_checksum_log(settings: Settings) -> None:
    publish(settings, OLD)
    switch(settings.published, OLD)
    page = build_report(settings, version_to_report(settings.published))
    assert page == settings.published / "versions" / OLD / "report.html"
    assert faults(settings) == [] and damaged_versions(settings.published) == []
    assert open_to_others(settings.published) == []
    log = read_log(settings.home)
    stray = page.parent / "report" / "agents" / "agent-2.html"
    stray.write_text("x", encoding="utf-8")
    assert log and [fault.file for fault in folder_faults(settings.home, log, page.parent)] == [
        f"published/versions/{OLD}/report/agents/agent-2.html"
    ]
    page.write_text("changed", encoding="utf-8")
    assert set(faults(settings)) == {
        f"published/versions/{OLD}/{name}" for name in ("report.html", "report/agents/agent-2.html")
    }
    build_report(settings, OLD)
    assert not stray.exists()
    assert faults(settings) == []


def test_a_version_is_replaced_and_deleted_with_its_report(settings: Settings) -> None:
    publish(settings, OLD)
    build_report(settings, OLD)
    publish(settings, OLD)
    assert not (settings.published / "versions" / OLD / "report.html").exists()
    assert faults(settings) == []
    build_report(settings, OLD)
    publish(settings, NEW)
    assert prune(settings.published, 1) == [OLD]
    assert faults(settings) == []


def test_without_a_version_the_error_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(NothingToReport, match="run `tierhouse run`"):
        version_to_report(settings.published)
    publish(settings, OLD)
    with pytest.raises(NothingToReport, match=f"days with a kept version: {DAY}"):
        version_to_report(settings.published, DAY.replace(year=2020))


@pytest.mark.parametrize("wanted", ["yes", "no"])
def test_the_asset_builds_the_report_of_the_day_or_skips_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.setenv("TIERHOUSE_REPORT", wanted)
    publish(settings, OLD)
    done = dg.materialize([report], partition_key=str(DAY), resources={"home": Home()})
    assert done.success
    made = done.asset_materializations_for_node("report")
    assert (settings.published / "versions" / OLD / "report.html").exists() == (wanted == "yes") == bool(made)
    if made:
        assert made[0].metadata["version"].value == OLD
        assert "data:image/png;base64," in str(made[0].metadata["first chart"].value)
