"""A real Superset imports the dashboards and draws every chart, on DuckDB and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bi.superset.charts import PAGES, read_page
from bi.superset.text import LANGUAGES, Language
from pipelines.home.settings import PROJECT_ROOT
from tests.browser import CHROMIUM, DRIVER, Browser, chromium
from tests.home import SMALL, started
from tests.postgres import NoServer, running_server
from tests.superset import CUT, EMPTY, Superset, log_in, look_at, made_superset

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
]

READER, PASSWORD = "superset", "p@ss/word"
CAN_BE_EMPTY = {"quality"}
"""Charts without rows on a home in good order."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with graded month-ends, so that every chart has rows."""
    home = tmp_path_factory.mktemp("graded") / "home"
    started(home, "demo", "--leads", SMALL)
    return home


@pytest.fixture(scope="module")
def superset(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """A Superset that has imported the dashboards for the DuckDB file of the home, with its command line."""
    folder = tmp_path_factory.mktemp("bi")
    superset = made_superset(folder / "superset")
    bundle = packed(folder / "tierhouse.zip", f"duckdb:///{graded}/published/current/tierhouse.duckdb")
    superset.run("import-dashboards", "--path", str(bundle), "--username", "admin")
    with superset.serving():
        yield superset


def packed(target: Path, uri: str) -> Path:
    script = PROJECT_ROOT / "bi" / "superset" / "bundle.py"
    subprocess.run([sys.executable, script, uri, "--output", target], check=True)
    return target


def every_chart_is_drawn(browser: Browser, language: Language, pictures: Path) -> None:
    """Looks at the dashboards of a language: no query fails or is empty, no title is cut."""
    for name in PAGES:
        page = read_page(name)
        answers = look_at(browser, page, language, pictures)
        assert len(answers) >= len(page.charts)
        assert [one for one in answers if one.status != 200 or one.errors] == []
        allowed = {one.title.in_(language) for one in page.charts if one.name in CAN_BE_EMPTY}
        assert set(browser.driver.execute_script(EMPTY)) <= allowed
        assert browser.driver.execute_script(CUT) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_drawn_from_the_duckdb_file(superset: Superset, language: Language, tmp_path: Path) -> None:
    with chromium(superset.address) as browser:
        log_in(browser)
        every_chart_is_drawn(browser, language, tmp_path)


def test_every_chart_is_drawn_from_postgresql_after_an_update(superset: Superset, graded: Path, tmp_path: Path) -> None:
    try:
        with running_server() as server:
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute("CREATE ROLE tierhouse_reader NOLOGIN")
                connection.execute(
                    f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}' IN ROLE tierhouse_reader".encode()
                )
            started(graded, "publish-postgres", TIERHOUSE_POSTGRES_URL=server.url())
            superset.update(packed(tmp_path / "postgres.zip", server.url(user=READER, password="p%40ss%2Fword")))
            with chromium(superset.address) as browser:
                log_in(browser)
                for language in LANGUAGES:
                    every_chart_is_drawn(browser, language, tmp_path)
    except NoServer as error:
        pytest.skip(f"no PostgreSQL server runs here: {error}")
