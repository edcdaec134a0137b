"""Customers with deals by recency and frequency, and what each segment has brought in."""

from __future__ import annotations

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.charts.grid import Cell, grid
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import as_of, between, both, fetch

CELLS = """
    SELECT r, f, count(*) AS customers, sum(monetary_total) AS contribution_cny
    FROM customer_rfm
    GROUP BY r, f
    ORDER BY r DESC, f
"""
SEGMENTS = """
    SELECT rfm_segment_en, rfm_segment_zh, count(*) AS customers, sum(frequency) AS deals,
        sum(monetary_total) AS contribution_cny
    FROM customer_rfm
    GROUP BY rfm_segment_en, rfm_segment_zh
    ORDER BY contribution_cny DESC, rfm_segment_en
"""


def rfm(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Who has bought: recency, frequency, money", "成交客户的 RFM")
    intro = Words(
        "Customers with a subscription or a deal. R is 5 for the most recent deals, F is higher for more deals; "
        "contribution is what the deals earned us.",
        "有认购或成交的客户。R 为最近成交得分，5 分最近；F 为成交次数得分，越高次数越多；贡献指成交带来的毛利。",
    )
    cells = fetch(connection, CELLS)
    if not cells:
        unknown = Words(
            "No customer has a subscription or a deal yet, or no source delivers transactions.",
            "还没有客户认购或成交，或没有数据源提供交易数据。",
        )
        return Section("rfm", title, intro, unknown=[unknown])
    period = between(as_of(connection), as_of(connection))
    return Section("rfm", title, intro, [_heat_map(cells, period), _segments(fetch(connection, SEGMENTS), period)])


def _heat_map(cells: list[tuple], period: Words) -> Figure:
    customers = sum(row[2] for row in cells)
    recent = sum(row[2] for row in cells if row[0] >= 4)
    largest = max(row[2] for row in cells)
    frequencies = sorted({row[1] for row in cells})
    drawn = [
        Cell(
            frequencies.index(f),
            5 - r,
            [formats.count(count), formats.money(money or 0)],
            count / largest,
            Words(
                f"R {r}, F {f}: {count:,} customers, {formats.money(money or 0).en}",
                f"R{r} F{f}：{count:,} 人，{formats.money(money or 0).zh}",
            ),
        )
        for r, f, count, money in cells
    ]
    part = formats.share(recent / customers)
    return Figure(
        id="rfm-cells",
        title=Words(f"{part.en} of them bought recently (R 4 or 5)", f"{part.zh} 的成交客户近期成交（R 为 4 或 5）"),
        caption=Words(
            "Each cell has the number of customers and their contribution so far. R 1 with F 1 are customers without a "
            "net signed deal: subscribed only, or cancelled.",
            "每格为客户数及累计贡献。R1 F1 为尚无有效签约的客户：仅认购，或已退房。",
        ),
        unit=Words("customers, and their contribution in CNY", "客户（人）及其贡献（元）"),
        period=period,
        n=customers,
        table="customer_rfm",
        alt=Words(
            f"Heat map of R against F: {recent:,} of {customers:,} customers have R 4 or 5.",
            f"R×F 热力图：{customers:,} 位客户中 {recent:,} 位 R 为 4 或 5。",
        ),
        numbers=Numbers(
            [
                Column(both("R"), "count"),
                Column(both("F"), "count"),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("contribution", "贡献"), "money"),
            ],
            cells,
        ),
        chart=grid(
            [both(f"F {f}") for f in frequencies],
            [both(f"R {r}") for r in range(5, 0, -1)],
            drawn,
            Words("more deals", "成交次数多"),
            Words("longer ago", "成交较早"),
        ),
    )


def _segments(rows: list[tuple], period: Words) -> Figure:
    customers, money = (sum(row[at] or 0 for row in rows) for at in (2, 4))
    en, zh, count, _, amount = rows[0]
    part, of_customers = formats.share(float(amount or 0) / float(money or 1)), formats.share(count / customers)
    return Figure(
        id="rfm-segments",
        title=Words(f"“{en}” brought {part.en} of the money", f"“{zh}”带来 {part.zh} 的贡献")
        if money and money > 0
        else Words("Which segment brought in how much?", "各细分客群贡献多少？"),
        caption=Words(
            f"Contribution so far by segment, with the number of customers. The first segment has {of_customers.en} of "
            "the customers.",
            f"各细分客群的累计贡献与客户数。第一个客群占客户数的 {of_customers.zh}。",
        ),
        unit=Words("contribution in CNY", "贡献（元）"),
        period=period,
        n=customers,
        table="customer_rfm",
        alt=Words(
            "Bars of contribution by segment: "
            + ", ".join(f"{row[0]} {formats.money(row[4] or 0).en}" for row in rows),
            "各细分客群贡献：" + "，".join(f"{row[1]} {formats.money(row[4] or 0).zh}" for row in rows),
        ),
        numbers=Numbers(
            [
                Column(Words("segment", "客群")),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("deals", "成交数"), "count"),
                Column(Words("contribution", "贡献"), "money"),
            ],
            [(Words(row[0], row[1]), *row[2:]) for row in rows],
        ),
        chart=bars(
            [
                Bar(
                    Words(row[0], row[1]),
                    float(row[4] or 0),
                    Words(
                        f"{formats.money(row[4] or 0).en} · {row[2]:,}",
                        f"{formats.money(row[4] or 0).zh} · {row[2]:,} 人",
                    ),
                )
                for row in rows
            ]
        ),
    )
