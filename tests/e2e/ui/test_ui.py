"""The Dagster UI: the graph, a failed gate and a day's work in Chromium; refused requests by HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser import CHROMIUM, DRIVER, LOCATION, Visitor, chromium, dagster_ui
from tests.home import LAST_DAY, SMALL, copy_home, open_to_others, tierhouse

in_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")

WEEK = ("2026-07-01", "2026-07-07")
"""After the day on which the model was trained: older days are refused."""
GROUPS = (
    "ingest", "staging", "identity", "core", "training", "scoring", "mining", "ledger", "grading", "marts", "live",
    "consumers",
)  # fmt: skip
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


@pytest.fixture(scope="module")
def failed(demo, tmp_path_factory):
    """The address of a UI on a home whose last run has failed at a gate, and the home."""
    home = copy_home(demo.home, tmp_path_factory.mktemp("ui") / "home")
    poison(home)
    with dagster_ui(home) as address:
        tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
        yield address, home


@in_chromium
def test_the_graph_fits_one_screen_and_a_failed_gate_names_file_rule_and_count(failed):
    with chromium(failed[0]) as browser:
        browser.open("/asset-groups")
        browser.sees(*GROUPS)
        boxes = browser.wait(lambda _: group_boxes(browser), 30, "the groups are drawn")
        width, height = browser.driver.execute_script("return [window.innerWidth, window.innerHeight]")
        assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes)
        browser.open(GATE)
        page = browser.sees("gate_raw", "Failed", "leads.csv, leads:")
        assert re.search(r"leads\.csv, leads: quarantined by type of created_at: \d+", page)


@in_chromium
def test_the_page_of_a_failed_run_ends_with_its_cause_and_the_numbers_of_the_day_are_plotted(failed):
    with chromium(failed[0]) as browser:
        browser.open(f"/runs/{newest_run(browser, 'daily_grading', 'Failure')}")
        page = browser.sees("RUN_FAILURE", "quarantined by type of created_at")
        assert re.search(r"RUN_FAILURE.*leads\.csv, leads: quarantined by type of created_at: \d+", page, re.DOTALL)
        browser.open("/assets/customer_grades")
        browser.click("Plots")
        browser.sees("customers of grade A", "customers of grade D", "expected value of 12 months (CNY)")
        browser.open("/assets/published_version")
        browser.sees("Freshness policy", "Source code")


STOP = """mutation { stopRunningSchedule(id: "nobody") { __typename } }"""
QUERY, MUTATION = ({"query": text} for text in ("{ version }", STOP))
EVIL = "http://evil.example"


def test_requests_from_other_web_pages_are_refused(failed):
    ui = Visitor(failed[0])
    assert ui.post(QUERY).startswith(b'{"data":{"version"')
    assert b'"data"' in ui.post(QUERY, origin=failed[0])
    assert b'"data"' in ui.post(MUTATION, origin=failed[0])
    refused = [
        ui.ask("GET", "/graphql?" + urlencode(MUTATION)),
        ui.ask("GET", "/graphql?" + urlencode(MUTATION), origin=failed[0]),
        ui.ask("GET", "/graphql%0A?" + urlencode(MUTATION)),
        ui.post(MUTATION, origin=EVIL),
        ui.post(MUTATION, origin="null"),
        ui.post(MUTATION, referer=f"{EVIL}/page"),
        ui.post(MUTATION, **{"sec-fetch-site": "cross-site"}),
        ui.post(MUTATION, **{"content-type": "text/plain"}),
        ui.ask("POST", "/graphql?" + urlencode(MUTATION), **{"content-type": "text/plain"}),
        ui.post(MUTATION, host="evil.example", origin=EVIL),
        ui.ask("GET", "/", host=f"evil.example:{ui.port}", accept="text/html"),
    ]
    assert [answer[:8] for answer in refused] == [b"refused:"] * len(refused)
    assert ui.upgrade(failed[0]) == 101
    assert ui.upgrade(EVIL) == ui.upgrade(f"http://localhost:{ui.port + 1}") == 403
    assert ui.headers("/")["x-frame-options"] == "SAMEORIGIN"


def test_a_running_ui_writes_nothing_that_other_accounts_can_read(failed):
    assert open_to_others(failed[1]) == []


def group_boxes(browser) -> list[list[float]] | None:
    """Left, top, right and bottom of each group of the graph, once all are drawn."""
    found = browser.driver.execute_script(
        "return [...document.querySelectorAll('foreignObject.group')].map(one => {"
        "const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom, one.textContent]})"
    )
    boxes = [box[:4] for box in found if box[4].strip()]
    return boxes if {box[4].strip() for box in found} >= set(GROUPS) else None


@in_chromium
@pytest.mark.soak
def test_a_fresh_home_is_trained_graded_mended_after_a_failure_and_filled_in_for_a_week_in_the_ui(tmp_path):
    home = tmp_path / "home"
    tierhouse(home, "demo", "--leads", SMALL, "--only-files")
    with dagster_ui(home) as address, chromium(address) as browser:
        materialise(browser, "train", LAST_DAY, "Launch 1 run")
        newest_run(browser, "train", "Success")

        before = poison(home)
        materialise(browser, "daily_grading", LAST_DAY, "Launch 1 run")
        newest_run(browser, "daily_grading", "Failure")
        browser.open(GATE)
        browser.sees("Failed", "leads.csv, leads: quarantined by type of created_at")

        (home / "demo" / "leads.csv").write_bytes(before)
        failed = newest_run(browser, "daily_grading", "Failure")
        browser.open(f"/runs/{failed}")
        browser.click_beside("Re-execute")
        browser.click("From failure")
        browser.wait(lambda driver: failed not in driver.current_url, 60, "the new run is launched")
        newest_run(browser, "daily_grading", "Success", other_than=failed)
        browser.open(GATE)
        browser.sees("gate_raw", "Succeeded")
        assert (home / "published" / "current").readlink().name.startswith(LAST_DAY)

        first, last = WEEK
        materialise(browser, "backfill", f"[{first}...{last}]", "Launch backfill")
        newest_run(browser, "backfill", "Success")
        graded = {path.name for path in (home / "ledger" / "grades").iterdir()}
        assert graded >= {f"as_of={day:%Y-%m-%d}" for day in pd.date_range(first, last)}
        assert (home / "published" / "current").readlink().name.startswith(last)


def materialise(browser, job: str, partitions: str, launch: str) -> None:
    """Launch a job for these partitions from its page."""
    browser.open(f"/locations/{LOCATION}/jobs/{job}")
    browser.click("Materialize")
    browser.click("Show all partitions")
    field = browser.wait(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "input[placeholder^='ex: 2020-01-01']"),
        30,
        "days can be typed",
    )
    field.send_keys(partitions, Keys.ENTER)
    browser.click(launch)
    # Leaving the page while it launches would cancel the launch.
    browser.wait(lambda _: "Partition selection" not in browser.text(), 60, f"{job} is launched")


def newest_run(browser, job: str, status: str, other_than: str = "", seconds: float = 600) -> str:
    """Id of the newest run of the job on the page of runs, once it has this status."""
    browser.open("/runs")

    def ended(driver):
        rows = [row for row in driver.find_elements(By.CSS_SELECTOR, "[data-index]") if job in row.text]
        link = rows[0].find_element(By.CSS_SELECTOR, "a[href*='/runs/']") if rows else None
        run = link.get_attribute("href").rsplit("/", 1)[1] if link else ""
        return run if run and run != other_than and status in rows[0].text else None

    return browser.wait(ended, seconds, f"the newest run of {job} is {status}")
