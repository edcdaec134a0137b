"""Every section speaks both languages, and says in words what a small home cannot know."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

import pytest

from pipelines.report import formats
from pipelines.report.section import Section, Words
from pipelines.report.sections.all import SECTIONS
from tests.unit.report.sections.agency import agency, kpi_monthly, performance, quality
from tests.unit.report.sections.publication import Rows, publication

THREE_CUSTOMERS: Mapping[str, Rows] = {
    "data_quality": [quality("orphan", 1, 3, 0.5)],
    "grade_performance": [row for row in performance("2026-06-30") if row["grade"] == "C"],
    "grade_history": [{"customer_id": f"c{n}", "graded_as_of": "2026-06-30", "grade": "C"} for n in range(3)],
    "grade_movements": [
        {"grade_from": "new", "grade_to": "C", "direction": "new", "customers": 3, "share_of_from": 1.0}
    ],
    "kpi_monthly": [
        {"month": "2026-06-01", "is_complete": False, "dimension": "all", "member": "all", "leads": 3, "customers": 3}
    ],
    "model_report": [
        {"target": "dormancy", "horizon_days": 90, "model": "not_available", "metric": "available", "segment": "all",
         "value": 0.0}
    ],
}  # fmt: skip
"""No deal, no interaction, no model, one grade: the first day of a home without mapped interactions."""

HOMES = {
    "nothing": {"grade_performance": performance("2026-06-30"), "data_quality": [quality("fine", 0, 100, 0.05)]},
    "three customers": THREE_CUSTOMERS,
    "agency": agency(),
    # Deals and contacts are null where no source maps them: leads only.
    "leads only": {
        **THREE_CUSTOMERS,
        "kpi_monthly": [
            {name: row[name] for name in ("month", "is_complete", "dimension", "member", "leads", "customers")}
            for row in kpi_monthly()
        ],
        "grade_performance": [
            {
                **row,
                "contribution_sum": None,
                "contribution_mean": None,
                "customers_signed": None,
                "customers_deals_known": None,
            }
            for row in performance("2026-03-31", 20)
        ],
    },
    "no deal at all": {
        **agency(),
        "customer_rfm": [
            {
                "customer_id": "c1",
                "frequency": 0,
                "r": 1,
                "f": 1,
                "monetary_total": 0,
                "rfm_segment_en": "No deal",
                "rfm_segment_zh": "无有效成交",
            }
        ],
        "grade_performance": performance("2026-03-31", 0),
        "kpi_monthly": [{**row, "signed_deals": 0, "contribution_cny": 0} for row in kpi_monthly()],
    },
}


@pytest.fixture(scope="module")
def sections() -> dict[str, list[Section]]:
    made = {}
    for home, tables in HOMES.items():
        with publication(tables) as connection:
            made[home] = [make(connection) for make in SECTIONS]
    return made


@pytest.mark.parametrize("home", HOMES)
def test_every_text_is_in_both_languages(home: str, sections: dict[str, list[Section]]) -> None:
    texts = [words for section in sections[home] for words in _words(section)]
    assert len(texts) > 20
    for words in texts:
        assert words.en.strip(), words
        assert words.zh.strip(), words
        assert not re.search(r"\b(None|nan|inf)\b|[一-鿿]", words.en), words
        assert not re.search(r"\b(None|nan|inf)\b", words.zh), words


@pytest.mark.parametrize("home", HOMES)
def test_a_section_without_figures_says_why(home: str, sections: dict[str, list[Section]]) -> None:
    assert all(section.figures or section.unknown for section in sections[home])


@pytest.mark.parametrize("home", HOMES)
def test_no_chart_is_empty(home: str, sections: dict[str, list[Section]]) -> None:
    for section in sections[home]:
        for figure in section.figures:
            assert figure.numbers.rows, figure.id
            if figure.chart:
                assert "rect" in str(figure.chart("zh").to_dict()) or "point" in str(figure.chart("zh").to_dict())


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ("movements", "first graded day"),
        ("rfm", "no source delivers transactions"),
        ("outcomes", "The first outcome is known after 28 Sep 2026"),
        ("models", "too few customers"),
        ("channels", "No complete month"),
        ("agents", "how fast agents answer is not known"),
        ("personas", "at least 200 customers"),
        ("winback", "no win-back case"),
    ],
)
def test_three_customers_are_too_few_for_figures(section: str, reason: str, sections: dict[str, list[Section]]) -> None:
    found = next(one for one in sections["three customers"] if one.id == section)
    assert not found.figures
    assert any(reason in words.en for words in found.unknown), found.unknown


def test_a_home_without_transactions_does_not_know_who_signed(sections: dict[str, list[Section]]) -> None:
    by_id = {section.id: section for section in sections["leads only"]}
    assert "No source delivers transactions" in by_id["outcomes"].unknown[0].en
    assert [figure.id for figure in by_id["kpis"].figures] == ["kpi-leads"]
    assert "signed deals" in by_id["kpis"].unknown[0].en
    assert by_id["channels"].figures[0].caption.en == "New leads per channel."
    assert {words.en for words in by_id["channels"].unknown} == {
        "No source delivers the spend of channels.",
        "No source delivers transactions: deals per channel are not known.",
    }


def _words(part: object) -> Iterator[Words]:
    if isinstance(part, Words):
        yield part
    elif dataclasses.is_dataclass(part):
        for entry in dataclasses.fields(part):
            yield from _words(getattr(part, entry.name))
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _words(item)


def test_cells_of_all_figures_have_the_kind_of_their_column(sections: dict[str, list[Section]]) -> None:
    for section in sections["agency"]:
        for figure in section.figures:
            for row in figure.numbers.rows:
                for value, column in zip(row, figure.numbers.columns, strict=True):
                    assert formats.cell(value, column.kind).zh


def test_the_order_of_rows_does_not_matter() -> None:
    def words() -> list[Words]:
        with publication({table: rows[::-1] for table, rows in agency().items()}) as connection:
            return [words for make in SECTIONS for words in _words(make(connection))]

    with publication(agency()) as connection:
        assert [words for make in SECTIONS for words in _words(make(connection))] == words()
