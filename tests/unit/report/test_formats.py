"""Numbers as a sales manager reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipelines.report import formats
from pipelines.report.agents import agent_file, agent_name
from pipelines.report.section import Words


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (0, "CNY 0", "0 元"),
        (640, "CNY 640", "640 元"),
        (Decimal("21040.5"), "CNY 21 k", "2.1 万元"),
        (-21_040, "CNY -21 k", "-2.1 万元"),
        (1_234_567, "CNY 1.23 m", "123 万元"),
        (250_000_000, "CNY 250.00 m", "2.50 亿元"),
    ],
)
def test_money(amount, en, zh):
    assert formats.money(amount) == Words(en, zh)


@pytest.mark.parametrize(
    ("value", "kind", "zh"),
    [
        (None, "count", "–"),
        (float("nan"), "share", "–"),
        (1234, "count", "1,234"),
        (12, "change", "+12"),
        (-3, "change", "−3"),
        (0, "change", "±0"),
        (-21_000, "money_change", "−2.1 万元"),
        (0.0412, "share", "4.1%"),
        (0.995, "share", "100%"),
        (0.0, "share", "0%"),
        (2.34567, "number", "2.35"),
        (date(2026, 6, 8), "day", "2026年6月8日"),
        (date(2026, 6, 1), "month", "2026年6月"),
        (Words("High", "高"), "text", "高"),
    ],
)
def test_cells(value, kind, zh):
    assert formats.cell(value, kind).zh == zh


def test_the_file_of_an_agent_is_a_plain_name():
    assert agent_file("agent-0123456789abcdef") == "agent-0123456789abcdef.html"
    assert agent_file("unassigned") == "unassigned.html"
    odd = {agent_file(name) for name in ("张三/../../x", "王 五", "..", "A", "a" * 200)}
    assert len(odd) == 5
    assert all(name.startswith("agent-") and "/" not in name for name in odd)
    assert agent_name("unassigned").zh == "未分配顾问"
