"""The report as a reader sees it: a phone, a laptop, a wide screen, both languages and themes, the keyboard, print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from tests.browser import CHROMIUM, DRIVER, chromium

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")

WIDTHS = (390, 1280, 1920)

OVERFLOWS = """
const page = document.documentElement, wrong = [];
if (page.scrollWidth > innerWidth) wrong.push(`page: ${page.scrollWidth} > ${innerWidth}`);
const name = (element) => `${element.tagName}.${element.className} "${element.textContent.trim().slice(0, 40)}"`;
for (const element of document.querySelectorAll("h1, h2, h3, p, li, a, td, th, b, label, summary, article, figure")) {
  const box = element.getBoundingClientRect();
  if (!box.width || element.closest(".scroll, .hidden, .skip")) continue;
  if (box.right > innerWidth + 1 || box.left < -1) wrong.push("outside the page: " + name(element));
  if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline")
    wrong.push("text is cut: " + name(element));
}
const isWide = innerWidth > 1000 || matchMedia("print").matches;
for (const region of document.querySelectorAll("article .scroll"))
  if (isWide && region.scrollWidth > region.clientWidth + 1) wrong.push("table is cut: " + name(region));
return wrong;
"""
DRAWINGS = """
const wrong = [];
let drawn = 0;
for (const svg of document.querySelectorAll("svg")) {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) continue;
  drawn += 1;
  const label = svg.closest("figure").id;
  const marks = [...svg.querySelectorAll("[data-tip]")].filter((mark) => mark.getBoundingClientRect().width > 0);
  if (!marks.length) wrong.push(label + ": no marks");
  if (marks.some((mark) => getComputedStyle(mark).fill === "rgb(0, 0, 0)")) wrong.push(label + ": no colour");
  for (const text of svg.querySelectorAll("text")) {
    const box = text.getBoundingClientRect();
    const outside = [frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom];
    if (Math.max(...outside) > 3)
      wrong.push(`${label}: "${text.textContent}" leaves the drawing`);
  }
}
return [drawn, wrong];
"""


@pytest.fixture(scope="module")
def page(demo) -> Path:
    return (demo.home / "published" / "current").resolve() / "report.html"


@pytest.fixture(scope="module")
def driver() -> Iterator[webdriver.Chrome]:
    with chromium("file://") as browser:
        yield browser.driver


def show(driver: webdriver.Chrome, page: Path, width: int, language: str = "zh", theme: str = "light") -> None:
    """Open the page as a window of this width shows it, and choose language and theme."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    if driver.current_url != page.as_uri():
        driver.get(page.as_uri())
    for option in (f"language-{language}", f"theme-{theme}"):
        driver.execute_script("document.getElementById(arguments[0]).click()", option)


def shown(driver: webdriver.Chrome) -> str:
    return driver.execute_script("return document.body.innerText")


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.soak)])
def test_no_text_is_cut_at_any_width(driver, page, language):
    agent = min((page.parent / "report" / "agents").iterdir())
    for width in WIDTHS:
        for opened in (page, agent):
            show(driver, opened, width, language)
            assert (opened.name, width, driver.execute_script(OVERFLOWS)) == (opened.name, width, [])
        show(driver, page, width, language)
        drawn, wrong = driver.execute_script(DRAWINGS)
        assert drawn >= 10
        assert (width, wrong) == (width, [])


def test_it_asks_the_network_for_nothing(driver, page):
    driver.get(page.as_uri())
    assert driver.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)") == []


def test_one_language_is_shown_and_the_choice_is_remembered(driver, page):
    show(driver, page, 1280, "en")
    assert "Customer value report" in shown(driver) and "客户价值日报" not in shown(driver)
    assert driver.execute_script("return document.documentElement.lang") == "en"
    driver.refresh()
    assert "Customer value report" in shown(driver)
    show(driver, page, 1280, "zh")
    assert "客户价值日报" in shown(driver) and "Customer value report" not in shown(driver)
    assert driver.execute_script("return document.documentElement.lang") == "zh-CN"


def test_it_is_read_without_a_script(driver, page):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(page.as_uri())
        tree = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    names = [node.get("name", {}).get("value", "") for node in tree if not node.get("ignored")]
    assert "客户价值日报" in names and "Customer value report" not in names
    roles = {node["role"]["value"] for node in tree if not node.get("ignored")}
    assert {"banner", "navigation", "main", "contentinfo", "heading", "table", "radio"} <= roles


def test_the_dark_theme_is_dark_and_the_system_decides_first(driver, page):
    def background() -> str:
        return driver.execute_script("return getComputedStyle(document.body).backgroundColor")

    show(driver, page, 1280, theme="light")
    light = background()
    show(driver, page, 1280, theme="dark")
    dark = background()
    assert light != dark
    show(driver, page, 1280, theme="auto")
    for scheme, expected in (("dark", dark), ("light", light)):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        assert background() == expected
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
def test_axe_finds_no_serious_violation(driver, page, theme):
    """Without the insides of drawings: they are images with a label, and the contrast of their colours has a test."""
    agent = min((page.parent / "report" / "agents").iterdir())
    for opened in (page, agent):
        show(driver, opened, 1280, "en" if theme == "light" else "zh", theme)
        found = Axe().run(driver, {"exclude": [["svg > g"]]}, {"resultTypes": ["violations"]})["violations"]
        serious = {
            one["id"]: [node["html"][:120] for node in one["nodes"][:3]]
            for one in found
            if one["impact"] in ("serious", "critical")
        }
        assert serious == {}, json.dumps(serious, ensure_ascii=False)


def test_the_keyboard_reaches_the_content_and_the_switches(driver, page):
    show(driver, page, 1280, "zh")
    driver.get(page.as_uri())

    def press(*keys: str) -> str:
        for key in keys:
            driver.switch_to.active_element.send_keys(key)
        return driver.execute_script("return document.activeElement.id || document.activeElement.className")

    assert press(Keys.TAB) == "skip"
    assert press(Keys.TAB) == "language-zh"
    assert press(Keys.ARROW_RIGHT) == "language-en"
    assert "Customer value report" in shown(driver)
    assert press(Keys.TAB).startswith("theme-")


def test_a_mark_says_its_numbers_under_the_pointer(driver, page):
    show(driver, page, 1280, "en")
    tip = driver.execute_script(
        "const mark = [...document.querySelectorAll('[data-tip]')].find((one) => one.getBoundingClientRect().width);"
        "mark.dispatchEvent(new PointerEvent('pointerover', {bubbles: true, clientX: 50, clientY: 50}));"
        "const tip = document.querySelector('.tip'); return [tip.hidden, tip.textContent, mark.dataset.tip]"
    )
    assert tip[0] is False and tip[1] == tip[2] != ""


@pytest.mark.soak
def test_print_is_light_and_has_no_switches(driver, page):
    show(driver, page, 703, "en", "dark")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert driver.execute_script(OVERFLOWS) == []
        hidden = "return getComputedStyle(document.querySelector('.switches')).display"
        assert driver.execute_script(hidden) == "none"
        ink = "return getComputedStyle(document.body).color"
        assert driver.execute_script(ink) == "rgb(22, 32, 43)"
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
