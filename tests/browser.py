"""The Dagster UI as a person sees it: `tierhouse ui` on a home, and a Chromium that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TypeVar

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.home import TIERHOUSE, environment

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
LOCATION = "__repository__@pipelines.definitions"
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1600,1000",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

Found = TypeVar("Found")


@dataclass
class Browser:
    """A page of the UI. What is looked for is waited for, by polling."""

    driver: webdriver.Chrome
    address: str

    def open(self, path: str) -> None:
        """Open a page, once the UI answers."""

        def answers(driver: webdriver.Chrome) -> bool:
            driver.get(self.address + path)
            return "dagster" in driver.page_source.lower()

        self.wait(answers, 90, "the UI answers")

    def wait(self, condition: Callable[[webdriver.Chrome], Found], seconds: float, what: str) -> Found:
        passing = [WebDriverException, StaleElementReferenceException]
        waiting = WebDriverWait(self.driver, seconds, poll_frequency=0.5, ignored_exceptions=passing)
        return waiting.until(condition, f"waited {seconds:g} s until {what}; the page shows:\n{self.text()[:3000]}")

    def text(self) -> str:
        """All that is on the page, as text."""
        return self.driver.execute_script("return document.body ? document.body.innerText : ''")

    def sees(self, *texts: str, seconds: float = 40) -> str:
        """The page's text, once all of these are in it."""
        self.wait(lambda _: all(text in self.text() for text in texts), seconds, f"{texts} are there")
        return self.text()

    def click(self, text: str, seconds: float = 40) -> None:
        """Click the last button, link or item that begins with this text, once it can be clicked."""

        def clicked(driver: webdriver.Chrome) -> bool:
            kinds = "button, a, [role=menuitem], [role=button]"
            found = [one for one in driver.find_elements(By.CSS_SELECTOR, kinds) if one.text.strip().startswith(text)]
            able = [one for one in found if one.is_displayed() and one.is_enabled()]
            if able:
                able[-1].click()
            return bool(able)

        self.wait(clicked, seconds, f"{text!r} can be clicked")

    def click_beside(self, text: str) -> None:
        """Click the arrow that opens the menu of the button which begins with this text."""
        button = f"//button[starts-with(normalize-space(.), '{text}')]"
        arrow = f"{button}/ancestor-or-self::*/following-sibling::*/descendant-or-self::button"
        self.wait(
            lambda driver: driver.find_element(By.XPATH, arrow).click() or True, 40, f"the menu of {text!r} opens"
        )


class Visitor:
    """A program, or another web page, that asks the UI by plain HTTP with headers of its own."""

    def __init__(self, address: str) -> None:
        """Waits until the UI answers."""
        self.port = int(address.rsplit(":", 1)[1])
        deadline = time.monotonic() + 90
        while True:
            try:
                self.ask("GET", "/server_info")
                return
            except ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> bytes:
        """The body of the answer."""
        return self._answer(method, path, body, headers).read()

    def post(self, query: dict[str, str], **headers: str) -> bytes:
        return self.ask("POST", "/graphql", json.dumps(query), **{"content-type": "application/json"} | headers)

    def headers(self, path: str) -> Mapping[str, str]:
        return self._answer("GET", path, None, {"accept": "text/html"}).headers

    def upgrade(self, origin: str) -> int:
        """The status with which a page of this origin may open the UI's websocket."""
        wanted = {
            "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "origin": origin,
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol": "graphql-ws",
        }  # fmt: skip
        return self._answer("GET", "/graphql", None, wanted).status

    def _answer(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, dict(headers))
        return connection.getresponse()


@contextmanager
def dagster_ui(home: Path, **settings: str) -> Iterator[str]:
    """`tierhouse ui` on a free port, with these settings; its address. Ended with all its children."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "ui.log").open("w") as log:
        server = subprocess.Popen(
            [TIERHOUSE, "ui", "--port", str(port)],
            env=environment(home, **settings), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(30)


@contextmanager
def chromium(address: str) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in OPTIONS:
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield Browser(driver, address)
    finally:
        driver.quit()
