"""From a new lead to a signed deal: the customers of the last twelve complete months, by the stage they reached."""

from __future__ import annotations

import altair as alt
import duckdb

from pipelines.report import formats
from pipelines.report.draw import WIDTH
from pipelines.report.palette import CATEGORIES
from pipelines.report.section import Column, Figure, Language, Numbers, Section, Words

STAGES = (
    Words("New customers", "新增客户"),
    Words("Viewed", "到访看房"),
    Words("Subscribed", "认购"),
    Words("Signed", "签约"),
)
COHORT = """
    SELECT min(month), max(month), sum(customers), sum(reached_viewing), sum(reached_subscription),
        sum(reached_signing)
    FROM (
        SELECT * FROM kpi_monthly WHERE dimension = 'all' AND is_complete ORDER BY month DESC LIMIT 12
    )
"""


def funnel(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("From lead to signature", "从线索到签约")
    intro = Words(
        "How far the customers of the last twelve complete months have come. Recent months are still under way.",
        "最近十二个完整月份的新增客户走到了哪一步。近几个月的客户仍在跟进中。",
    )
    first, last, *reached = connection.execute(COHORT).fetchall()[0]
    if not reached[0]:
        unknown = Words("No complete month has new customers yet.", "还没有任何一个完整月份有新增客户。")
        return Section("funnel", title, intro, unknown=[unknown])
    known = [
        (label, count, count / reached[0]) for label, count in zip(STAGES, reached, strict=True) if count is not None
    ]
    missing = [label for label, count in zip(STAGES, reached, strict=True) if count is None]
    unknown = [
        Words(f"{label.en}: no source delivers the data for it.", f"{label.zh}：没有数据源提供相应数据。")
        for label in missing
    ]

    def chart(language: Language) -> alt.TopLevelMixin:
        values = [
            {
                "stage": label.of(language),
                "customers": count,
                "text": f"{count:,} · {formats.share(part).of(language)}",
                "tip": f"{label.of(language)}: {count:,}",
            }
            for label, count, part in known
        ]
        stage = alt.Y("stage:N", sort=None, title=None)
        base = alt.Chart(alt.Data(values=values)).encode(y=stage)
        bars = base.mark_bar(color=CATEGORIES[0]).encode(
            x=alt.X("customers:Q", title=Words("customers", "客户数").of(language)), description="tip:N"
        )
        labels = base.mark_text(align="left", dx=4).encode(x="customers:Q", text="text:N")
        return (bars + labels).properties(width=WIDTH, height=150)

    figure = Figure(
        id="funnel-year",
        title=Words("How far customers come", "客户转化漏斗"),
        caption=intro,
        unit=Words("customers", "客户（人）"),
        period=Words(
            f"{formats.month(first).en} to {formats.month(last).en}",
            f"{formats.month(first).zh}至{formats.month(last).zh}",
        ),
        n=reached[0],
        table="kpi_monthly",
        alt=Words(
            "Bars of the customers who reached each stage: "
            + ", ".join(f"{label.en} {count:,}" for label, count, _ in known),
            "各阶段客户数条形图：" + "，".join(f"{label.zh} {count:,} 人" for label, count, _ in known),
        ),
        numbers=Numbers(
            [
                Column(Words("stage", "阶段")),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("share", "占比"), "share"),
            ],
            known,
        ),
        chart=chart,
    )
    return Section("funnel", title, intro, [figure], unknown)
