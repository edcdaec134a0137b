"""The Dagster UI in a real Chromium: the graph, a failed gate, and a day's work without the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, DRIVER, chromium, dagster_ui
from tests.home import LAST_DAY, tierhouse

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")

GROUPS = ("ingest", "staging", "identity", "marts", "scoring", "mining", "grading", "published", "publish", "training")
GATE = "/assets/staged_batches?view=checks&checkDetail=gate_raw"


def poison(home: Path) -> bytes:
    """Give every fifth lead a day that does not exist; returns the file as it was."""
    leads = home / "demo" / "leads.csv"
    before = leads.read_bytes()
    head, *lines = before.decode().splitlines()
    poisoned = [
        re.sub(r"20\d\d-\d\d-\d\d", "2026-02-31", line) if number % 5 == 0 else line
        for number, line in enumerate(lines)
    ]
    leads.write_text("\n".join([head, *poisoned]) + "\n", encoding="utf-8")
    return before


def test_the_graph_fits_one_screen_and_a_failed_gate_names_file_rule_and_count(home):
    poison(home)
    with dagster_ui(home) as address:
        tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
        with chromium(address) as browser:
            browser.open("/asset-groups")
            browser.sees(*GROUPS)
            boxes = browser.wait(lambda _: group_boxes(browser), 30, "the groups are drawn")
            width, height = browser.driver.execute_script("return [window.innerWidth, window.innerHeight]")
            assert all(
                left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes
            )
            browser.open(GATE)
            page = browser.sees("gate_raw", "Failed", "leads.csv, leads:")
            assert re.search(r"leads\.csv, leads: quarantined by type of created_at: \d+", page)


def group_boxes(browser) -> list[list[float]] | None:
    """Left, top, right and bottom of each group of the graph, once all are drawn."""
    found = browser.driver.execute_script(
        "return [...document.querySelectorAll('foreignObject.group')].map(one => {"
        "const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom, one.textContent]})"
    )
    boxes = [box[:4] for box in found if box[4].strip()]
    return boxes if {box[4].strip() for box in found} >= set(GROUPS) else None
