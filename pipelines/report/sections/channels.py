"""What each channel brings and costs, by the channel of the customer's first lead."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.palette import colour
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import SHOWN, fetch, member, months_between, others

# Leads and deals count for the cost per piece only in months with a known spend.
QUERY = """
    WITH months AS (
        SELECT DISTINCT month FROM kpi_monthly WHERE dimension = 'all' AND is_complete ORDER BY month DESC LIMIT 12
    ),
    channels AS (
        SELECT
            member,
            sum(leads) AS leads,
            sum(signed_deals) AS deals,
            sum(contribution_cny) AS contribution_cny,
            sum(cost_cny) AS cost_cny,
            sum(leads) FILTER (cost_cny IS NOT NULL) AS leads_paid,
            sum(signed_deals) FILTER (cost_cny IS NOT NULL) AS deals_paid,
            row_number() OVER (ORDER BY sum(leads) DESC, member) AS place
        FROM kpi_monthly
        WHERE dimension = 'channel' AND month IN (SELECT month FROM months)
        GROUP BY member
        HAVING sum(leads) > 0 OR sum(cost_cny) > 0 OR sum(signed_deals) > 0
    )
    SELECT
        CASE WHEN place <= ? THEN member END AS member,
        count(*) AS members,
        sum(leads), sum(deals), sum(contribution_cny), sum(cost_cny),
        sum(cost_cny) / nullif(sum(leads_paid), 0) AS cost_per_lead,
        sum(cost_cny) / nullif(sum(deals_paid), 0) AS cost_per_deal
    FROM channels
    GROUP BY 1
    ORDER BY min(place)
"""
PERIOD = """
    SELECT min(month), max(month) FROM (
        SELECT month FROM kpi_monthly WHERE dimension = 'all' AND is_complete ORDER BY month DESC LIMIT 12
    )
"""


def channels(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Channels and what they cost", "渠道与获客成本")
    intro = Words(
        "A customer and all their deals count for the channel of their first lead (first touch).",
        "客户及其全部成交计入首条线索的渠道（首次触点归因）。",
    )
    rows = fetch(connection, QUERY, SHOWN)
    if not rows:
        unknown = Words("No complete month has leads of a channel yet.", "还没有任何完整月份有渠道线索。")
        return Section("channels", title, intro, unknown=[unknown])
    first, last = fetch(connection, PERIOD)[0]
    figures = [_leads(rows, months_between(first, last))]
    figures += _costs(rows, months_between(first, last))
    unknown = []
    if not any(row[5] for row in rows):
        unknown.append(Words("No source delivers the spend of channels.", "没有数据源提供渠道费用。"))
    if not any(row[3] is not None for row in rows):
        unknown.append(
            Words(
                "No source delivers transactions: deals per channel are not known.",
                "没有数据源提供交易数据，无法得知各渠道成交。",
            )
        )
    return Section("channels", title, intro, figures, unknown)


def _name(row: tuple) -> Words:
    return others(row[1]) if row[0] is None else member(row[0])


def _numbers(rows: Sequence[tuple]) -> Numbers:
    return Numbers(
        [
            Column(Words("channel", "渠道")),
            Column(Words("leads", "线索"), "count"),
            Column(Words("deals", "成交"), "count"),
            Column(Words("contribution", "贡献"), "money"),
            Column(Words("spend", "费用"), "money"),
            Column(Words("per lead", "单条线索成本"), "money"),
            Column(Words("per deal", "单笔成交成本"), "money"),
        ],
        [(_name(row), *row[2:]) for row in rows],
    )


def _leads(rows: Sequence[tuple], period: Words) -> Figure:
    leads, deals = (sum(row[at] or 0 for row in rows) for at in (2, 3))
    top = rows[0]
    share = formats.share(top[2] / leads) if leads else formats.share(0)
    return Figure(
        id="channels-leads",
        title=Words(f"{_name(top).en} brings {share.en} of the leads", f"{_name(top).zh} 带来 {share.zh} 的线索"),
        caption=Words("New leads per channel.", "各渠道新增线索。")
        if all(row[3] is None for row in rows)
        else Words(
            f"New leads per channel, and the deals that were signed in these months. {deals:,} deals in all.",
            f"各渠道新增线索，以及同期签约。共签约 {deals:,} 笔。",
        ),
        unit=Words("leads · signed deals", "线索（条）· 签约（笔）"),
        period=period,
        n=leads,
        table="kpi_monthly",
        alt=Words(
            "Bars of leads per channel: " + ", ".join(f"{_name(row).en} {row[2]:,}" for row in rows),
            "各渠道线索数：" + "，".join(f"{_name(row).zh} {row[2]:,} 条" for row in rows),
        ),
        numbers=_numbers(rows),
        chart=bars(
            [
                Bar(
                    _name(row), row[2], _leads_and_deals(row[2], row[3]), colour("cat-8" if row[0] is None else "cat-1")
                )
                for row in rows
            ]
        ),
    )


def _leads_and_deals(leads: int, deals: int | None) -> Words:
    if deals is None:
        return formats.count(leads)
    return Words(f"{leads:,} · {deals:,} deals", f"{leads:,} · {deals:,} 笔")


def _costs(rows: Sequence[tuple], period: Words) -> list[Figure]:
    figures = []
    for at, name, title, unit in (
        (
            7,
            "deal",
            Words("What does a deal cost, by channel?", "哪个渠道的成交最贵？"),
            Words("CNY per signed deal", "元/笔签约"),
        ),
        (
            6,
            "lead",
            Words("What does a lead cost, by channel?", "哪个渠道的线索最贵？"),
            Words("CNY per lead", "元/条线索"),
        ),
    ):
        known = sorted((row for row in rows if row[at] is not None), key=lambda row: (-row[at], row[0] or ""))
        if not known:
            continue
        if len(known) > 1:
            dear, cheap = known[0], known[-1]
            title = Words(
                f"A {name} costs {formats.money(dear[at]).en} by {_name(dear).en}, {formats.money(cheap[at]).en} by "
                f"{_name(cheap).en}",
                f"单{'笔成交' if name == 'deal' else '条线索'}成本：{_name(dear).zh} {formats.money(dear[at]).zh}，"
                f"{_name(cheap).zh} {formats.money(cheap[at]).zh}",
            )
        figures.append(
            Figure(
                id=f"channels-cost-{name}",
                title=title,
                caption=Words(
                    "Spend of the period ÷ what the channel brought in the same months. Few deals make the cost per "
                    "deal "
                    "uncertain: see their number in the table.",
                    "期间费用 ÷ 同期成果。成交笔数少的渠道，单笔成本仅供参考，笔数见表。",
                ),
                unit=unit,
                period=period,
                n=sum((row[3] if name == "deal" else row[2]) or 0 for row in known),
                table="kpi_monthly",
                alt=Words(
                    f"Bars of the cost per {name}: "
                    + ", ".join(f"{_name(row).en} {formats.money(row[at]).en}" for row in known),
                    "成本条形图：" + "，".join(f"{_name(row).zh} {formats.money(row[at]).zh}" for row in known),
                ),
                numbers=_numbers(known),
                chart=bars([Bar(_name(row), float(row[at]), formats.money(row[at])) for row in known]),
            )
        )
    return figures
