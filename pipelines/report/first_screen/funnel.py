"""From a new lead to a signed deal: the customers of the last twelve complete months, by the stage they reached."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import duckdb

from pipelines.report import formats
from pipelines.report.draw import WIDTH
from pipelines.report.palette import CATEGORIES
from pipelines.report.section import Column, Figure, Language, Numbers, Words

ROOM_FOR_LABELS = 1.45
"""The axis is this much longer than the longest bar."""
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


def read_funnel(connection: duckdb.DuckDBPyConnection) -> Figure | None:
    """Return the funnel, or None if no complete month has new customers."""
    first, last, *reached = connection.execute(COHORT).fetchall()[0]
    customers = reached[0]
    if not customers:
        return None
    known = [
        (label, number, number / customers) for label, number in zip(STAGES, reached, strict=True) if number is not None
    ]
    missing = [label for label, number in zip(STAGES, reached, strict=True) if number is None]

    def chart(language: Language) -> alt.TopLevelMixin:
        return _bars(known, float(customers), language)

    first_month, last_month = formats.month(first), formats.month(last)
    return Figure(
        id="funnel",
        title=Words("From lead to signature", "从线索到签约"),
        caption=_caption(missing),
        unit=Words("customers", "位客户"),
        period=Words(f"{first_month.en} to {last_month.en}", f"{first_month.zh}至{last_month.zh}"),
        n=int(customers),
        table="kpi_monthly",
        alt=Words(
            "Customers by the stage they reached: " + ", ".join(f"{label.en} {number:,}" for label, number, _ in known),
            "各阶段客户数：" + "，".join(f"{label.zh} {number:,}" for label, number, _ in known),
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


def _caption(missing: Sequence[Words]) -> Words:
    caption = Words(
        "How far the new customers of these months have come by now. Those of the last months are still under way.",
        "这些月份的新增客户截至目前走到了哪一步；近几个月的客户仍在跟进中。",
    )
    if missing:
        caption = Words(
            f"{caption.en} No source delivers: {', '.join(label.en.lower() for label in missing)}.",
            f"{caption.zh}没有数据源提供：{'、'.join(label.zh for label in missing)}。",
        )
    return caption


def _bars(known: Sequence[tuple[Words, int, float]], customers: float, language: Language) -> alt.TopLevelMixin:
    values = [
        {
            "stage": label.of(language),
            "customers": number,
            "text": f"{number:,} · {formats.share(part).of(language)}",
            "tip": f"{label.of(language)}: {number:,}",
        }
        for label, number, part in known
    ]
    scale = alt.Scale(domain=[0, customers * ROOM_FOR_LABELS], nice=False)
    title = Words("customers", "客户数").of(language)
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("stage:N", sort=None, title=None),
        x=alt.X("customers:Q", title=title, axis=alt.Axis(tickCount=4), scale=scale),
    )
    bars = base.mark_bar(color=CATEGORIES[0]).encode(description="tip:N")
    return (bars + base.mark_text(align="left", dx=4).encode(text="text:N")).properties(
        width=WIDTH, height=38 * len(known)
    )
