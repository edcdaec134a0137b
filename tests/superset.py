"""A real Superset for tests: installed into an environment of its own, started, filled, and looked at in Chromium."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import requests
from filelock import FileLock
from selenium.webdriver.common.by import By

from bi.superset.charts import Page
from bi.superset.text import Language
from pipelines.home.settings import PROJECT_ROOT
from tests.browser import Browser

REQUIREMENTS = PROJECT_ROOT / "bi" / "superset" / "requirements.txt"
NAME, PASSWORD = "admin", "a password of a test"
WIDTH, TALL = 1400, 6000
"""Pixels. The window is taller than any dashboard: Superset draws a chart when it comes into view."""

RECORD = """
window.answers = [];
const plain = window.fetch;
window.fetch = async (...request) => {
  const response = await plain(...request);
  const url = String(request[0].url || request[0]);
  if (url.includes('/api/v1/chart/data')) {
    window.answers.push({url, status: response.status, body: await response.clone().text()});
  }
  return response;
};
"""
"""Keeps the answers to the queries of charts."""
CUT = """
return [...document.querySelectorAll('.header-title, .header-title *')]
  .filter(title => title.scrollWidth > title.clientWidth + 1 && title.clientWidth > 0).map(title => title.innerText);
"""
DRAWN = """
return [...document.querySelectorAll('.dashboard-component-chart-holder .slice_container')].filter(
  chart => chart.querySelector('canvas, table, .header-line, .ant-empty')).length;
"""
EMPTY = """
return [...document.querySelectorAll('.dashboard-component-chart-holder')].filter(
  chart => chart.querySelector('.ant-empty') || /No data|N\\/A/.test(chart.querySelector('.header-line')?.innerText)
).map(chart => chart.querySelector('.header-title').innerText.trim());
"""


def installed() -> Path:
    """The folder of an environment with Superset, made once per content of `requirements.txt`; minutes at first."""
    version = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    environment = Path(tempfile.gettempdir()) / f"tierhouse-superset-{version}"
    with FileLock(f"{environment}.lock"):
        if not (environment / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
            pip = [environment / "bin" / "pip", "install", "--quiet", "-r", REQUIREMENTS]
            subprocess.run(pip, check=True, timeout=1800)
            (environment / "complete").touch()
    return environment


@dataclass
class Superset:
    """A Superset with its own metadata in a folder."""

    folder: Path
    program: Path
    address: str

    def run(self, *arguments: str) -> None:
        """Run the command line of Superset. Raises AssertionError with its output if it fails."""
        done = subprocess.run(
            [self.program, *arguments], env=self.environment(), capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"superset {' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def environment(self) -> dict[str, str]:
        config = str(self.folder / "superset_config.py")
        return {**os.environ, "SUPERSET_CONFIG_PATH": config, "FLASK_APP": "superset", "PYTHONPATH": ""}

    def set_up(self) -> None:
        """Write the configuration; make the metadata and the first user."""
        (self.folder / "superset_config.py").write_text(
            f"SECRET_KEY = 'only for a test, 0123456789abcdef'\n"
            f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{self.folder / 'superset.db'}'\n",
            encoding="utf-8",
        )
        self.run("db", "upgrade")
        user = ["--username", NAME, "--password", PASSWORD, "--firstname", "A", "--lastname", "B"]
        self.run("fab", "create-admin", *user, "--email", "admin@example.com")
        self.run("init")

    @contextmanager
    def serving(self) -> Iterator[None]:
        port = self.address.rsplit(":", 1)[1]
        with (self.folder / "server.log").open("w") as log:
            server = subprocess.Popen(
                [self.program, "run", "--port", port, "--with-threads"],
                env=self.environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                self._wait_for_answer()
                yield
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(30)

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + 120
        while True:
            try:
                requests.get(f"{self.address}/health", timeout=10).raise_for_status()
                return
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def update(self, bundle: Path) -> None:
        """Import a bundle over what is there, as docs/superset.md says."""
        with requests.Session() as session:
            session.headers["Referer"] = self.address
            login = {"username": NAME, "password": PASSWORD, "provider": "db"}
            token = self._json(session.post(f"{self.address}/api/v1/security/login", json=login))["access_token"]
            session.headers["Authorization"] = f"Bearer {token}"
            csrf = self._json(session.get(f"{self.address}/api/v1/security/csrf_token/"))["result"]
            with bundle.open("rb") as file:
                answer = session.post(
                    f"{self.address}/api/v1/assets/import/", headers={"X-CSRFToken": csrf}, files={"bundle": file}
                )
            assert self._json(answer) == {"message": "OK"}

    @staticmethod
    def _json(response: requests.Response) -> Any:
        assert response.ok, response.text[:2000]
        return response.json()


def made_superset(folder: Path) -> Superset:
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    superset = Superset(folder, installed() / "bin" / "superset", f"http://127.0.0.1:{port}")
    superset.set_up()
    return superset


def log_in(browser: Browser) -> None:
    driver = browser.driver
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": RECORD})
    size = {"width": WIDTH, "height": TALL, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(f"{browser.address}/login/")
    browser.wait(lambda found: found.find_element(By.ID, "username"), 90, "the form of the login is there")
    driver.find_element(By.ID, "username").send_keys(NAME)
    driver.find_element(By.ID, "password").send_keys(PASSWORD)
    driver.find_element(By.CSS_SELECTOR, "form button[type=submit], button[data-test=login-button]").click()
    browser.wait(lambda found: "/login" not in found.current_url, 60, "the login is over")


class Answer(NamedTuple):
    """The answer to the query of a chart, or of the values of a filter."""

    status: int
    rows: int
    errors: list[str]
    query: str


def look_at(browser: Browser, page: Page, language: Language, pictures: Path) -> list[Answer]:
    """Open a dashboard, wait until all its charts are drawn, and take its picture; the answers to its queries."""
    driver = browser.driver
    driver.get(f"{browser.address}/superset/dashboard/tierhouse-{page.name}-{language}/")
    charts = len(page.charts)
    browser.wait(lambda found: found.execute_script(DRAWN) == charts, 180, f"{charts} charts of {page.name} are drawn")
    bottom = driver.execute_script("return document.querySelector('.grid-content').getBoundingClientRect().bottom")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": bottom + 20, "scale": 1}
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
    (pictures / f"{page.name}_{language}.png").write_bytes(base64.b64decode(taken["data"]))
    return [_answer(one) for one in driver.execute_script("return window.answers")]


def _answer(recorded: dict[str, Any]) -> Answer:
    body = json.loads(recorded["body"])
    results = body.get("result", [])
    errors = [str(one["error"]) for one in results if one.get("error")] + [str(one) for one in body.get("errors", [])]
    query = "; ".join(str(one.get("query")) for one in results)
    return Answer(recorded["status"], sum(one.get("rowcount") or 0 for one in results), errors, query)
