"""The report of homes in which something is missing: a whole page that says what it cannot know."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.report.build import OtherTables, render
from tests.publication import DAY, Publication

Pages = dict[str, str]


def pages_of(folder: Path, fill: Callable[[Publication], None]) -> Pages:
    publication = Publication(folder)
    fill(publication)
    return {name: content.decode() for name, content in render(publication.close()).items()}


def shown(page: str) -> str:
    """The text of a page, without markup, style and script."""
    page = re.sub(r"<(style|script).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def _nothing(_: Publication) -> None:
    """No customer at all."""


def _one_customer(publication: Publication) -> None:
    publication.customer(1, "A")


def _one_class(publication: Publication) -> None:
    for number in range(20):
        publication.customer(number, "C", 3_000)


def _without_money(publication: Publication) -> None:
    publication.customer(1, "D", 0)


def _no_movement(publication: Publication) -> None:
    for number in range(3):
        publication.graded_before(publication.customer(number), "B")


def _no_interactions(publication: Publication) -> None:
    for number in range(3):
        publication.customer(number, churn_status="not_available", warning_level=None, lifecycle_stage="not_available")
    publication.add(
        "kpi_monthly", month=date(2026, 5, 1), is_complete=True, dimension="all", dimension_en="All",
        dimension_zh="全部", member="all", leads=3, customers=3, reached_signing=1,
        reached_subscription=1, signed_deals=1, graded_customers=0,
    )  # fmt: skip


def _no_deals(publication: Publication) -> None:
    publication.customer(1)
    publication.add(
        "kpi_monthly", month=date(2026, 5, 1), is_complete=True, dimension="all", dimension_en="All",
        dimension_zh="全部", member="all", leads=3, customers=3, reached_viewing=2, viewings=2, graded_customers=0,
    )  # fmt: skip


def _no_model(publication: Publication) -> None:
    publication.customer(1, churn_status="not_trained", warning_level="low")
    publication.add(
        "model_report", target="dormancy", horizon_days=90, model="not_available", metric="not_available", segment="all"
    )


HOMES = (
    _nothing, _one_customer, _one_class, _without_money, _no_movement, _no_interactions, _no_deals, _no_model,
)  # fmt: skip


@pytest.mark.parametrize("fill", HOMES, ids=lambda fill: fill.__name__.strip("_"))
def test_the_page_is_whole(tmp_path: Path, fill: Callable[[Publication], None]) -> None:
    page = pages_of(tmp_path, fill)["report.html"]
    assert page.rstrip().endswith("</html>")
    assert page.count("<section ") == page.count("</section>") >= 2
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert "data-tip" in svg
    assert not re.search(r"\b(None|nan|NaN|inf|Undefined|undefined)\b", shown(page))
    empty = [
        part for part in re.findall(r"<section .*?</section>", page, re.DOTALL) if not re.search("<figure|<p", part)
    ]
    assert empty == []


def test_what_cannot_be_known_is_said(tmp_path: Path) -> None:
    first = shown(pages_of(tmp_path / "first", _one_customer)["report.html"])
    assert "first graded day" in first and "首个分级日" in first
    without_contacts = shown(pages_of(tmp_path / "contacts", _no_interactions)["report.html"])
    assert "no source delivers their contacts" in without_contacts
    assert "No source delivers: viewed" in without_contacts
    without_model = shown(pages_of(tmp_path / "model", _no_model)["report.html"])
    assert "There is no model yet" in without_model


def test_movements_are_compared_with_a_day_about_a_week_ago(tmp_path: Path) -> None:
    def fill(publication: Publication) -> None:
        for number, (past, present) in enumerate(["BA", "BA", "CD", "BB"]):
            customer = publication.customer(number, present, 30_000)
            publication.graded_before(customer, "D", days=40)
            publication.graded_before(customer, past, days=9)
            publication.graded_before(customer, present, days=1)
        publication.customer(9)

    page = pages_of(tmp_path, fill)["report.html"]
    assert dict(re.findall(r'data-name="(up|down|arrived|BA.customers|CD.customers)" value="(\d+)"', page)) == {
        "up": "2", "down": "1", "arrived": "1", "BA.customers": "2", "CD.customers": "1",
    }  # fmt: skip
    assert "21 Jun 2026" in shown(page)


def test_texts_of_a_source_cannot_add_markup(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>\"'&</script>"

    def fill(publication: Publication) -> None:
        customer = publication.customer(1)
        publication.task(customer, hostile, 1, reason=hostile, reason_zh=hostile, action=hostile, action_zh=hostile)
        for month in range(1, 7):
            for member in (hostile, "portal"):
                publication.add(
                    "kpi_monthly", month=date(2026, month, 1), is_complete=month < 6, dimension="channel",
                    dimension_en="Channel", dimension_zh="渠道", member=member, leads=9, customers=9, reached_viewing=3,
                    reached_subscription=2, reached_signing=1, signed_deals=1, viewings=3, cost_cny=900,
                )  # fmt: skip

    pages = pages_of(tmp_path, fill)
    assert len(pages) == 2
    for page in pages.values():
        assert "<img" not in page
        assert page.count("</script>") == 1
    (name,) = set(pages) - {"report.html"}
    assert re.fullmatch(r"report/agents/agent-[0-9a-f]{16}\.html", name)


def test_the_page_of_an_agent_offers_nothing_to_who_has_opted_out(tmp_path: Path) -> None:
    def fill(publication: Publication) -> None:
        opted_out, other = publication.customer(1), publication.customer(2)
        publication.task(opted_out, "agent-1", 1, is_opted_out=True, tasks_of_agent=9)
        publication.task(
            other, "agent-1", 2, task="follow_up", task_en="Follow-up", task_zh="跟进",
            is_marketing=True, is_overdue=True, days_overdue=3, due_at="2026-06-28", tasks_of_agent=9,
        )  # fmt: skip
        for customer in (opted_out, other):
            publication.add(
                "listing_matches", customer_id=customer, match_rank=1, source="crm", property_id=f"H-{customer[-1]}",
                score=0.9, why_en="In the district asked for", why_zh="符合意向区域",
            )  # fmt: skip

    page = shown(pages_of(tmp_path, fill)["report/agents/agent-1.html"])
    assert "H-2" in page and "H-1" not in page
    assert "opted out: offer nothing" in page
    assert "3 days overdue" in page and "逾期 3 天" in page
    assert "7 more are beyond the capacity" in page
    assert "1 Jul 2026" in page


def test_a_version_of_another_release_names_what_to_do(tmp_path: Path) -> None:
    publication = Publication(tmp_path / f"{DAY}-0123abcd")
    publication._connection.execute("ALTER TABLE agent_worklist DROP COLUMN days_overdue")
    with pytest.raises(OtherTables, match=f"tierhouse run --as-of {DAY}"):
        render(publication.close())


def test_equal_tables_give_equal_pages(tmp_path: Path) -> None:
    assert pages_of(tmp_path / "a", _one_class) == pages_of(tmp_path / "b", _one_class)
