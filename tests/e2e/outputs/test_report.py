"""The report of the demo: its numbers are those of the published tables, and it needs nothing but its own folder."""

from __future__ import annotations

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.report.build import version_to_report
from tests.home import LAST_DAY, copy_home, tierhouse

GRADE = "FROM customer_grades WHERE grade = '{0}'"
PAST = """
    CREATE TEMP VIEW past AS
    SELECT customer_id, grade AS was, score AS had FROM grade_history WHERE graded_as_of = (
        SELECT coalesce(
            max(graded_as_of) FILTER (graded_as_of <= as_of - 7), min(graded_as_of) FILTER (graded_as_of < as_of)
        ) FROM grade_history
    )
"""
MOVED = "FROM (FROM grade_history WHERE graded_as_of = as_of) JOIN past USING (customer_id)"
NOT_LISTED = """
    FROM (
        FROM (FROM customer_grades WHERE warning_level <> 'none') ANTI JOIN agent_worklist USING (customer_id)
    )
"""
HELD = "CREATE TEMP VIEW held AS SELECT customer_id FROM winback_cases WHERE status = 'open' AND arm = 'hold_out'"
CALLS = """
    WITH tasks AS (
        SELECT customer_id, expected_value_12m AS money, priority, task, due_at, days_overdue,
            coalesce(agent_worklist.warning_level, '') AS level
        FROM agent_worklist JOIN customer_grades USING (customer_id, as_of)
    ),
    complaints AS (
        FROM tasks WHERE task = 'complaint' ORDER BY days_overdue DESC, money DESC, customer_id LIMIT 4
    ),
    called AS (
        SELECT *, 1 AS part FROM complaints
        UNION ALL SELECT *, 2 FROM tasks WHERE task = 'warning' AND level IN ('urgent', 'high')
        UNION ALL SELECT *, 3 FROM tasks WHERE task = 'enquiry'
        UNION ALL SELECT *, 4 FROM (
            FROM tasks WHERE task <> 'enquiry' AND NOT (task = 'warning' AND level IN ('urgent', 'high'))
        ) ANTI JOIN complaints USING (customer_id)
    )
    SELECT money, priority FROM called
    ORDER BY part, if(part = 1, days_overdue, 0) DESC, money DESC, due_at, customer_id LIMIT 10
"""
EXPECTED = {
    "customers": "SELECT count(*) FROM customer_profile",
    "money": "SELECT sum(value_12m) FROM customer_clv",
    "warned": "SELECT count(DISTINCT customer_id) FROM customer_grades WHERE warning_level <> 'none'",
    "warned_money": "SELECT sum(value_12m) FROM customer_clv JOIN customer_grades USING (customer_id) "
    "WHERE warning_level <> 'none'",
    "tasks": "SELECT agent_worklist_rows FROM publication",
    "tasks_overdue": "SELECT count(*) FROM agent_worklist WHERE days_overdue > 0",
    "faults": "SELECT (SELECT count(*) FROM data_quality AS q WHERE share > bar AND severity IN ('warn', 'error') "
    "AND NOT EXISTS (SELECT 1 FROM history_checks AS h WHERE h.rule = q.rule)) "
    "+ (SELECT count(*) FROM history_checks WHERE level IN ('warning', 'block'))",
    "with_intent": "SELECT count(intent) FROM customer_grades",
    "moved_otherwise": "SELECT coalesce(sum(customers), 0) FROM ("
    f"SELECT count(*) AS customers {MOVED} WHERE grade <> was GROUP BY was, grade "
    "ORDER BY customers DESC, was, grade OFFSET 6)",
    "not_listed.hold_out": f"SELECT count(*) {NOT_LISTED} SEMI JOIN held USING (customer_id)",
    "not_listed.opted_out": f"SELECT count(*) {NOT_LISTED} ANTI JOIN held USING (customer_id) WHERE is_opted_out",
    "not_listed.others": f"SELECT count(*) {NOT_LISTED} ANTI JOIN held USING (customer_id) WHERE NOT is_opted_out",
    "scored": "SELECT count(*) FROM customer_grades WHERE churn_probability IS NOT NULL",
    "up": f"SELECT count(*) {MOVED} WHERE grade < was",
    "down": f"SELECT count(*) {MOVED} WHERE grade > was",
    "arrived": "SELECT count(*) FROM customer_profile ANTI JOIN past USING (customer_id)",
    **{
        f"{grade}.{name}": f"SELECT {value} {GRADE.format(grade)}"
        for grade in "ABCD"
        for name, value in {
            "customers": "count(*)",
            "share": "count(*) / (SELECT count(*) FROM customer_grades)",
            "money": "sum(expected_value_12m)",
            "money_share": "sum(expected_value_12m) / (SELECT sum(expected_value_12m) FROM customer_grades)",
            "intent_high": "count(*) FILTER (intent = 'high')",
            "intent_middle": "count(*) FILTER (intent = 'middle')",
            "intent_low": "count(*) FILTER (intent = 'low')",
            "change": f"count(*) - (SELECT count(*) FROM past WHERE was = '{grade}')",
        }.items()
    },
    **{
        f"{level}.{name}": f"SELECT {value} FROM customer_grades {join} WHERE customer_grades.warning_level = '{level}'"
        for level in ("urgent", "high", "middle", "low")
        for name, value, join in (
            ("customers", "count(*)", ""),
            ("money", "coalesce(sum(expected_value_12m), 0)", ""),
            ("listed", "count(*)", "SEMI JOIN agent_worklist USING (customer_id)"),
            ("overdue", "count(*)", "SEMI JOIN (FROM agent_worklist WHERE days_overdue > 0) USING (customer_id)"),
        )
    },
}
"""Name of a number of the first screen → SQL that gives it, written without that of the report."""


@pytest.fixture(scope="module")
def current(demo) -> Path:
    return (demo.home / "published" / "current").resolve()


@pytest.fixture(scope="module")
def page(current: Path) -> str:
    return (current / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def numbers(page: str) -> dict[str, str]:
    found = re.findall(r'<data data-name="([^"]+)" value="([^"]*)">', page)
    assert len(dict(found)) == len(set(found))
    return dict(found)


@pytest.fixture(scope="module")
def connection(current: Path):
    with duckdb.connect(str(current / "tierhouse.duckdb"), read_only=True) as connected:
        connected.execute(PAST)
        connected.execute(HELD)
        yield connected


def test_every_number_of_the_first_screen_is_one_of_the_published_tables(numbers, connection):
    stated = {name: value for name, value in numbers.items() if name in EXPECTED}
    assert {"customers", "money", "warned", "tasks", "faults", "A.customers", "urgent.money"} <= set(stated)
    queried = {name: connection.execute(EXPECTED[name]).fetchall()[0][0] for name in stated}
    assert {name: float(value) for name, value in stated.items()} == pytest.approx(
        {name: float(value) for name, value in queried.items()}, rel=1e-12
    )


def test_the_other_numbers_of_the_first_screen_are_too(numbers, connection):
    """Those whose names depend on the data: the first calls, the movements, the failed rules, the model."""
    calls = connection.execute(CALLS).fetchall()
    expected: dict[str, object] = {}
    for number, (money, place) in enumerate(calls, 1):
        expected |= {f"call{number}.money": money, f"call{number}.place": place}
    moved = f"SELECT was || grade, count(*), sum(score - had) {MOVED} WHERE was <> grade GROUP BY 1"
    for pair, customers, change in connection.execute(moved).fetchall():
        expected |= {f"{pair}.customers": customers, f"{pair}.change": change}
    failed = connection.execute(
        "SELECT rows_failed, rows_checked, share, bar FROM data_quality WHERE share > bar AND severity <> 'info' "
        "AND rule NOT IN (SELECT rule FROM history_checks) "
        "ORDER BY share / greatest(bar, 0.0001) DESC, label_en, entity"
    ).fetchall()
    for number, row in enumerate(failed, 1):
        names = ("rows", "checked", "share", "bar")
        expected |= {f"failed{number}.{name}": value for name, value in zip(names, row, strict=True)}
    known = set(EXPECTED) | {"trained_through", "model_age"}
    others = {name: value for name, value in numbers.items() if name not in known and "with_reason" not in name}
    others = {name: value for name, value in others.items() if not name.startswith("unusual")}
    assert {name: float(value) for name, value in others.items()} == pytest.approx(
        {name: float(Decimal(str(expected[name]))) for name in others}, rel=1e-12
    )
    assert numbers["trained_through"] <= LAST_DAY
    assert (
        int(numbers["model_age"])
        == (date.fromisoformat(LAST_DAY) - date.fromisoformat(numbers["trained_through"])).days
    )


def test_it_refers_to_nothing_outside_its_folder(current, page):
    links = set(re.findall(r'(?:href|src|xlink:href|action)="([^"]*)"', page))
    assert [link for link in links if not link.startswith("#") and not (current / link).is_file()] == []
    assert "http://" not in page and "https://" not in page and "@import" not in page
    assert {f"report/agents/{file.name}" for file in (current / "report" / "agents").iterdir()} <= links
    for agent in (current / "report" / "agents").iterdir():
        links = set(re.findall(r'href="([^#"]*)"', agent.read_text(encoding="utf-8")))
        assert {(agent.parent / link).resolve() for link in links} == {current / "report.html"}


def test_every_figure_says_unit_period_and_table(page):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 10
    for figure in figures:
        assert 'lang="zh-CN">单位' in figure and 'lang="zh-CN">区间' in figure
        assert re.search(r'href="\w+\.parquet"', figure)
        for svg in re.findall(r"<svg.*?</svg>", figure, re.DOTALL):
            assert "data-tip=" in svg
            assert re.search(r'aria-label="[^"]{15,}"', svg)


def test_each_agent_has_the_page_of_the_list(current, connection):
    listed = dict(connection.execute("SELECT agent_id, count(*) FROM agent_worklist GROUP BY 1").fetchall())
    pages = {file.stem: file.read_text(encoding="utf-8") for file in (current / "report" / "agents").iterdir()}
    assert {agent: page.count("<li>") for agent, page in pages.items()} == listed


def test_it_is_small_and_named_by_the_closing_lines(demo, current):
    assert (current / "report.html").stat().st_size < 5_000_000
    assert f"Report    {demo.home}/published/current/report.html" in demo.done.stdout


def test_it_can_be_built_again_and_is_as_it_was(demo, tmp_path):
    home = copy_home(demo.home, tmp_path / "home")
    version = home / "published" / "current"
    before = {file.name: file.read_bytes() for file in version.rglob("*.html")}
    shutil.rmtree(version / "report")
    (version / "report.html").unlink()
    assert tierhouse(home, "verify", check=False).returncode == 1
    done = tierhouse(home, "report", "--as-of", LAST_DAY)
    page = version.resolve() / "report.html"
    assert done.stdout == f"{page}\n"
    assert {file.name: file.read_bytes() for file in version.rglob("*.html")} == before
    assert tierhouse(home, "verify").returncode == 0
    refused = tierhouse(home, "report", "--as-of", "2020-01-01", check=False)
    assert refused.returncode == 1 and f"days with a kept version: {LAST_DAY}" in refused.stderr


def test_a_day_is_reported_by_the_version_that_was_made_last(demo):
    assert version_to_report(demo.home / "published") == version_to_report(
        demo.home / "published", date.fromisoformat(LAST_DAY)
    )
