"""Groups of similar customers, in words."""

from __future__ import annotations

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import as_of, between, fetch, join

PERSONAS = """
    SELECT persona_id, any_value(label_en), any_value(label_zh), any_value(customers), any_value(share),
        max(fitted_on)
    FROM segment_profiles GROUP BY persona_id ORDER BY any_value(customers) DESC, persona_id
"""
MEASURES = ("deal_share", "quiet_days_median", "events_90d_mean", "viewings_mean",
            "budget_to_buy_median_wan", "budget_to_rent_median_wan")  # fmt: skip
"""The measures that describe a persona to a person, in this order."""
WORDS = """
    SELECT persona_id, words_en, words_zh FROM segment_profiles
    WHERE measure = ? AND value IS NOT NULL ORDER BY persona_id
"""
WHY_EMPTY = "SELECT note FROM mining_report WHERE topic = 'personas' AND metric = 'available' AND value = 0"


def personas(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Who our customers are", "客户画像分群")
    intro = Words(
        "Groups of similar customers, found by deals, contacts, viewings, demand and budget; never by age, gender or "
        "origin.",
        "按成交、互动、看房、需求和预算聚类得到的相似客户群；不使用年龄、性别或民族。",
    )
    rows = fetch(connection, PERSONAS)
    if not rows:
        unknown = Words(
            "There are no groups: they need at least 200 customers with enough differences.",
            "暂无分群：至少需要 200 位有明显差异的客户。",
        )
        return Section("personas", title, intro, unknown=[unknown])
    words: dict[int, list[Words]] = {row[0]: [] for row in rows}
    for measure in MEASURES:
        for persona, en, zh in fetch(connection, WORDS, measure):
            words[persona].append(Words(en, zh))
    return Section("personas", title, intro, [_sizes(connection, rows), _in_words(connection, rows, words)])


def _sizes(connection: duckdb.DuckDBPyConnection, rows: list[tuple]) -> Figure:
    _, en, zh, _, share, fitted = rows[0]
    return Figure(
        id="personas-sizes",
        title=Words(
            f"The largest group: {en.lower()}, {formats.share(share).en}",
            f"最大的客户群：{zh}，占 {formats.share(share).zh}",
        ),
        caption=Words(
            f"Customers per group. The groups were last fitted on {formats.day(fitted).en}; customers move between "
            "them "
            "as their behaviour changes.",
            f"各客户群人数。分群于{formats.day(fitted).zh}更新，客户随行为变化在群间流动。",
        ),
        unit=Words("customers", "客户（人）"),
        period=between(as_of(connection), as_of(connection)),
        n=sum(row[3] for row in rows),
        table="segment_profiles",
        alt=Words(
            "Bars of customers per group: " + ", ".join(f"{row[1]} {row[3]:,}" for row in rows),
            "各客户群人数：" + "，".join(f"{row[2]} {row[3]:,} 人" for row in rows),
        ),
        numbers=Numbers(
            [
                Column(Words("group", "客户群")),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("share", "占比"), "share"),
            ],
            [(Words(row[1], row[2]), row[3], row[4]) for row in rows],
        ),
        chart=bars(
            [
                Bar(
                    Words(row[1], row[2]),
                    row[3],
                    Words(f"{row[3]:,} · {formats.share(row[4]).en}", f"{row[3]:,} 人 · {formats.share(row[4]).zh}"),
                )
                for row in rows
            ]
        ),
    )


def _in_words(connection: duckdb.DuckDBPyConnection, rows: list[tuple], words: dict[int, list[Words]]) -> Figure:
    described = [(Words(row[1], row[2]), join(words[row[0]], "; ", "；")) for row in rows]
    return Figure(
        id="personas-words",
        title=Words("What is typical of each group?", "各群有什么特点？"),
        caption=Words("Means, medians and shares of the customers of each group.", "各群客户的均值、中位数与占比。"),
        unit=Words("in words", "文字描述"),
        period=between(as_of(connection), as_of(connection)),
        n=sum(row[3] for row in rows),
        table="segment_profiles",
        alt=join([Words(f"{name.en}: {text.en}", f"{name.zh}：{text.zh}") for name, text in described], ". ", "。"),
        numbers=Numbers([Column(Words("group", "客户群")), Column(Words("typical", "特点"))], described),
    )
