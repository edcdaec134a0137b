"""The drop folder under `tierhouse ui`: a slow upload is graded, a bad file is rejected with a report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pytest
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import dagster_ui
from tests.home import open_to_others

Found = TypeVar("Found")
NEW_LEADS = 40


@pytest.mark.soak
def test_a_slow_upload_is_graded_once_it_is_whole_and_a_bad_one_comes_back_with_its_report(home):
    mapping = home / "sources" / "demo.yml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("leads.csv", "leads*.csv"), encoding="utf-8")
    header, *lines = (home / "demo" / "leads.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    new = "".join(re.sub(r"^L", "N", line) for line in lines[:NEW_LEADS])

    before = live(home)
    with dagster_ui(home):
        folder = waited(lambda: next((home / "drop").glob("demo"), None), 120, "the source's folder is made")
        upload = folder / "leads_july.csv"
        for part in (header, new[: len(new) // 2]):
            seen = waits(home)
            with upload.open("a", encoding="utf-8") as file:
                file.write(part)
            waited(lambda seen=seen: waits(home) > seen, 120, "the sensor waits for the rest")
        assert not list((home / "dropped").glob("*.json"))
        with upload.open("a", encoding="utf-8") as file:
            file.write(new[len(new) // 2 :])
        graded = waited(lambda: live(home) != before and live(home), 600, "the new leads are graded")
        assert known_ids(home) >= {line.split(",", 1)[0] for line in new.splitlines()}

        (folder / "leads_august.csv").write_text(header + re.sub(r"20\d\d-\d\d-\d\d", "2026-02-31", new))
        report = waited(lambda: next((home / "drop" / "rejected").glob("*/report.txt"), None), 600, "it comes back")
        text = report.read_text(encoding="utf-8")
        assert "leads_august.csv" in text
        assert "created_at" in text
        assert (report.parent / "leads_august.csv").exists()
        assert not (home / "demo" / "leads_august.csv").exists()
        assert live(home) == graded
    assert open_to_others(home) == []


def live(home: Path) -> str:
    """The version that BI tools read."""
    return (home / "published" / "current").readlink().name


def waits(home: Path) -> int:
    """Number of times that the sensor has reported a file that is still being written."""
    return (home / "ui.log").read_text(encoding="utf-8").count("leads_july.csv is still being written")


def known_ids(home: Path) -> set[str]:
    """Ids of the leads for which the CRM gets a grade."""
    return set(pd.read_csv(home / "crm_export" / "current" / "demo.csv", dtype=str).iloc[:, 0])


def waited(condition: Callable[[], Found], seconds: float, what: str) -> Found:
    """The value of the condition once it is true. Raises TimeoutException."""
    return WebDriverWait(None, seconds).until(lambda _: condition(), f"waited {seconds:g} s until {what}")
