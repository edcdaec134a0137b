"""Charts in both languages: no label leaves the drawing, and many members become the largest and the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import duckdb
import pytest

from pipelines.report.charts.bars import Bar, bars
from pipelines.report.charts.layers import text_width, wrapped
from pipelines.report.charts.months import Month, Pair, months, thousands, up_and_down
from pipelines.report.draw import WIDTH, as_svg
from pipelines.report.formats import count
from pipelines.report.section import LANGUAGES, Figure, Language, Words
from pipelines.report.sections.all import SECTIONS
from tests.unit.report.sections.agency import MONTHS, agency
from tests.unit.report.sections.publication import publication

LONG = Words(
    "Phone of more records than the limit: links nobody, counted by record", "同一电话登记过多客户不用于识别同一客户"
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    tables = agency()
    tables["kpi_monthly"] = [
        *tables["kpi_monthly"],
        *(
            {"month": MONTHS[-2], "is_complete": True, "dimension": "channel", "member": f"online/channel {number}",
             "leads": 100 + number, "signed_deals": 1, "cost_cny": 1_000 * number}
            for number in range(60)
        ),
    ]  # fmt: skip
    tables["agent_worklist"] = [
        {"agent_id": f"agent-{number:016x}", "tasks_of_agent": number, "capacity_per_day": 20, "is_overdue": False}
        for number in range(1, 501)
    ]
    with publication(tables) as connection:
        yield connection


@pytest.fixture(scope="module")
def figures(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    return [figure for make in SECTIONS for figure in make(connection).figures]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_leaves_its_drawing(language: Language, figures: list[Figure]) -> None:
    drawn = [figure for figure in figures if figure.chart]
    assert len(drawn) > 15
    for figure in drawn:
        assert figure.chart
        _assert_inside(figure.chart(language).to_dict(), figure.id)


def _assert_inside(chart: dict, name: str) -> None:
    """Check the position of every text of a chart, as its data state it."""
    assert chart["width"] == WIDTH
    texts = 0
    for layer in chart["layer"]:
        rows = layer["data"].get("values") or chart["datasets"][layer["data"]["name"]]
        for row in rows:
            assert 0 <= row["x"] <= WIDTH, (name, row)
            assert 0 <= row["y"] <= chart["height"], (name, row)
            if "text" in row:
                left = {"left": 0, "center": 0.5, "right": 1}[layer["mark"]["align"]] * text_width(row["text"])
                assert row["x"] - left >= -1, (name, row)
                assert row["x"] - left + text_width(row["text"]) <= WIDTH + 1, (name, row)
                texts += 1
    assert texts, name


def test_many_channels_are_the_twelve_largest_and_the_others(figures: list[Figure]) -> None:
    rows = next(figure for figure in figures if figure.id == "channels-leads").numbers.rows
    assert len(rows) == 13
    assert rows[-1][0] == Words("50 others", "其他 50 项")
    assert sum(row[1] for row in rows) == 60 * 100 + sum(range(60)) + 12 * 10 + sum(range(11, 23))


def test_many_agents_are_the_twelve_fullest_and_the_caption_says_so(figures: list[Figure]) -> None:
    figure = next(figure for figure in figures if figure.id == "agents-load")
    assert [row[1] for row in figure.numbers.rows] == list(range(500, 488, -1))
    assert "The 12 fullest of 500 agents" in figure.caption.en
    assert "480 of 500 agents" in figure.title.en


def test_a_drawing_has_both_languages_and_no_fixed_colour(figures: list[Figure]) -> None:
    figure = next(figure for figure in figures if figure.id == "quality-rules")
    assert figure.chart
    svg = as_svg(figure.chart("zh"), "quality", figure.alt.zh)
    assert "线索规则 unknown_status（线索）" in svg
    assert not re.search("#[0-9a-f]{6}", svg)


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_labels_break_into_lines(language: Language) -> None:
    chart = bars([Bar(LONG, 1, Words("1", "1"))])(language).to_dict()
    _assert_inside(chart, "long")
    lines = wrapped(LONG.of(language), 150)
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == LONG.of(language).replace(" ", "")
    assert max(map(text_width, lines)) <= 150


@pytest.mark.parametrize(
    "values", [[0.0], [0.0, 0.0], [-5.0, 3.0], [1e9, 1.0]], ids=["none", "zeros", "negative", "far apart"]
)
def test_bars_begin_at_zero(values: Sequence[float]) -> None:
    rows = [Bar(Words(f"row {at}", f"第{at}行"), value, count(value)) for at, value in enumerate(values)]
    chart = bars(rows)("en").to_dict()
    _assert_inside(chart, "bars")
    rects = next(layer for layer in chart["layer"] if layer["mark"]["type"] == "rect")["data"]["values"]
    assert len({rect["x2"] if value < 0 else rect["x"] for rect, value in zip(rects, values, strict=True)}) == 1


def test_months_without_values_and_one_day_alone_are_drawn() -> None:
    from datetime import date

    month = date(2026, 1, 1)
    _assert_inside(months([Month(month, None, 3.0), Month(month, 0.0, None)], count)("zh").to_dict(), "months")
    pair = up_and_down([Pair(month, 0, 0)], Words("up", "升"), Words("down", "降"), count)
    _assert_inside(pair("zh").to_dict(), "pair")


def test_every_column_up_and_down_has_its_number() -> None:
    pairs = [Pair(date(2025, month, 1), 2_455 + month, 12_300) for month in range(1, 13)]
    drawn = str(up_and_down(pairs, Words("up", "升级"), Words("down", "降级"), count)("en").to_dict())
    assert drawn.count("'2.5k'") == 12 and drawn.count("'12k'") == 12
    assert [thousands(value) for value in (7, 999, 999.6, 9_949, 9_951)] == ["7", "999", "1.0k", "9.9k", "10k"]
