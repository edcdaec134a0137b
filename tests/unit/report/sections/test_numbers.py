"""The numbers of each figure equal plain SQL on the published tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import duckdb
import pytest

from pipelines.report.section import Figure, Words
from pipelines.report.sections.agents import agents
from pipelines.report.sections.all import SECTIONS
from pipelines.report.sections.outcomes import outcomes
from pipelines.report.sections.winback import winback
from tests.unit.report.sections.agency import agency, performance
from tests.unit.report.sections.publication import publication


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with publication(agency()) as connection:
        yield connection


@pytest.fixture(scope="module")
def figures(connection: duckdb.DuckDBPyConnection) -> dict[str, Figure]:
    return {figure.id: figure for make in SECTIONS for figure in make(connection).figures}


def test_every_section_has_figures_with_ids_of_their_own(connection: duckdb.DuckDBPyConnection) -> None:
    sections = [make(connection) for make in SECTIONS]
    ids = [figure.id for section in sections for figure in section.figures]
    assert all(section.figures for section in sections)
    assert len(ids) == len(set(ids))
    assert len({section.id for section in sections}) == len(sections)


PLAIN = {
    "movements-today": "SELECT customers, share_of_from FROM grade_movements ORDER BY grade_from, grade_to",
    "movements-months": """
        SELECT later.graded_as_of, count(*) FILTER (later.grade < earlier.grade),
            count(*) FILTER (later.grade > earlier.grade), count(*)
        FROM grade_history AS earlier JOIN grade_history AS later USING (customer_id)
        WHERE (earlier.graded_as_of, later.graded_as_of) IN (('2026-03-31', '2026-05-31'), ('2026-05-31', '2026-06-30'))
        GROUP BY ALL ORDER BY 1
    """,
    "movements-sizes": """
        SELECT graded_as_of, max(customers) FILTER (grade = 'A'), max(customers) FILTER (grade = 'B'),
            max(customers) FILTER (grade = 'C'), max(customers) FILTER (grade = 'D')
        FROM grade_performance GROUP BY 1 ORDER BY 1
    """,
    "rfm-cells": "SELECT r, f, count(*), sum(monetary_total) FROM customer_rfm GROUP BY r, f ORDER BY r DESC, f",
    "rfm-segments": """
        SELECT count(*), sum(frequency), sum(monetary_total) FROM customer_rfm GROUP BY rfm_segment
        ORDER BY sum(monetary_total) DESC
    """,
    "outcomes-money": """
        SELECT customers_deals_known, contribution_sum, contribution_mean FROM grade_performance
        WHERE graded_as_of = '2026-03-31' ORDER BY grade
    """,
    "kpi-leads": """
        SELECT now.month, now.leads, before.leads FROM kpi_monthly AS now
        LEFT JOIN kpi_monthly AS before ON before.month = now.month - INTERVAL 1 YEAR AND before.dimension = 'all'
        WHERE now.dimension = 'all' AND now.month >= '2025-07-01' ORDER BY 1
    """,
    "channels-leads": """
        SELECT sum(leads), sum(signed_deals), sum(contribution_cny), sum(cost_cny), sum(cost_cny) / sum(leads),
            sum(cost_cny) / nullif(sum(signed_deals), 0)
        FROM kpi_monthly WHERE dimension = 'channel' AND month BETWEEN '2025-06-01' AND '2026-05-01'
        GROUP BY member ORDER BY sum(leads) DESC
    """,
    "agents-load": """
        SELECT DISTINCT tasks_of_agent, capacity_per_day, 1 FROM agent_worklist ORDER BY tasks_of_agent DESC
    """,
    "agents-answers": """
        SELECT sum(enquiries_in_time) / sum(enquiries_due), sum(enquiries_in_time), sum(enquiries_due), 20, 20
        FROM kpi_monthly WHERE dimension = 'agent' AND month BETWEEN '2026-03-01' AND '2026-05-01'
        GROUP BY member ORDER BY 1
    """,
    "personas-sizes": "SELECT DISTINCT customers, share FROM segment_profiles ORDER BY customers DESC",
    "winback-effect": """
        SELECT treated_customers, hold_out_customers, treated_share, hold_out_share, lift, lift_low, lift_high
        FROM winback_outcomes WHERE lift IS NOT NULL
    """,
    "quality-rules": """
        SELECT rows_failed, rows_checked, bar, share FROM data_quality WHERE rows_failed > 0 ORDER BY share DESC
    """,
    "quality-severities": "SELECT count(*), 2, 1, sum(rows_failed) FROM data_quality",
}


@pytest.mark.parametrize("name", PLAIN)
def test_numbers_equal_plain_sql(name: str, figures: dict[str, Figure], connection: duckdb.DuckDBPyConnection) -> None:
    expected = connection.execute(PLAIN[name]).fetchall()
    shown = [_numbers(row)[-len(expected[0]) :] for row in figures[name].numbers.rows]
    assert shown == [pytest.approx(_numbers(row)) for row in expected]


def _numbers(row: Sequence[object]) -> list[object]:
    """The cells of a row without its words."""
    return [float(cell) if isinstance(cell, Decimal) else cell for cell in row if not isinstance(cell, str | Words)]


def test_a_share_has_the_interval_of_wilson(figures: dict[str, Figure]) -> None:
    grade, share, low, high, signed, known = figures["outcomes-signed"].numbers.rows[0]
    assert (grade, share, signed, known) == ("A", 0.2, 20, 100)
    # statsmodels.stats.proportion.proportion_confint(20, 100, method="wilson")
    assert (low, high) == pytest.approx((0.133367, 0.288829), abs=1e-6)


def test_a_model_stands_beside_the_best_simple_rule(figures: dict[str, Figure]) -> None:
    rows = figures["models-lift"].numbers.rows
    assert [row[1:6] for row in rows] == [
        (Words("logistic regression", "逻辑回归"), 3.0, 2.8, 3.2, 5000.0),
        (Words("days of silence", "沉默天数"), 2.0, 1.8, 2.2, 5000.0),
    ]
    assert [str(row[1]) for row in figures["models-reliability"].numbers.rows] == ["2025-12-31", "2026-03-31"]


def test_the_fullest_agents_come_first_and_the_title_counts_those_beyond_their_capacity(
    figures: dict[str, Figure],
) -> None:
    assert figures["agents-load"].title.en == "1 of 3 agents have more tasks than a day can hold"


def test_the_slowest_agents_are_shown_even_with_few_enquiries() -> None:
    """Of 20 agents, number 0 answers nothing of the 5 enquiries, and each next one more of more enquiries."""
    rows = [
        {"month": "2026-05-01", "is_complete": True, "dimension": "agent", "member": f"agent-{number:016x}",
         "enquiries_due": 5 + 20 * number, "enquiries_in_time": number * number}
        for number in range(20)
    ]  # fmt: skip
    rows.append({"month": "2026-05-01", "is_complete": True, "dimension": "all", "member": "all"})
    with publication({"kpi_monthly": rows}) as connection:
        figure = next(figure for figure in agents(connection).figures if figure.id == "agents-answers")
    assert "the least: agent 000000, 0 %" in figure.title.en
    assert "The 12 slowest of 20 agents" in figure.caption.en and "20 个顾问" in figure.caption.zh
    shares = [row[1] for row in figure.numbers.rows]
    assert shares[:12] == pytest.approx([number * number / (5 + 20 * number) for number in range(12)])
    assert figure.numbers.rows[12][3] == sum(5 + 20 * number for number in range(12, 20))


def test_a_grade_is_judged_by_money_and_the_caption_counts_the_days_in_order(figures: dict[str, Figure]) -> None:
    ids = list(figures)
    assert ids.index("outcomes-money") + 1 == ids.index("outcomes-signed")
    assert "on 1 of 1 graded days" in figures["outcomes-money"].caption.en
    rows = [*performance("2026-03-31", 64), *performance("2026-02-28", 64)]
    rows[-1] = {**rows[-1], "contribution_mean": 10_000}
    with publication({"grade_performance": rows}) as connection:
        figure = outcomes(connection).figures[0]
    assert "on 1 of 2 graded days" in figure.caption.en and "2 个评级日" in figure.caption.zh


def test_a_source_without_rows_of_the_last_two_days_is_in_the_title(figures: dict[str, Figure]) -> None:
    figure = figures["quality-sources"]
    assert figure.title.en == "1 of 2 sources have no row of the last two days"
    assert [row[0] for row in figure.numbers.rows] == ["old", "crm"]


def test_sums_of_causes_and_actions_do_not_count_customers_twice() -> None:
    effect = {"origin": "case", "campaign": "cases", "likely_cause_en": "x", "likely_cause_zh": "某", "action_en": "x"}
    effect |= {"action_zh": "某", "treated_customers": 10, "hold_out_customers": 5, "treated_share": 0.5}
    effect |= {"hold_out_share": 0.1, "lift": 0.4, "lift_low": 0.1, "lift_high": 0.6}
    pairs = [("all", "all"), ("all", "call"), ("price", "all"), ("price", "call")]
    rows = [{**effect, "likely_cause": cause, "action": action} for cause, action in pairs]
    with publication({"winback_outcomes": rows}) as connection:
        figure = winback(connection).figures[0]
    assert [row[0] for row in figure.numbers.rows] == [
        Words("All win-back cases", "全部挽回任务单"),
        Words("x: x", "某：某"),
    ]
    assert figure.n == 15
