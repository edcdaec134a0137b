"""Monthly figures of the whole business beside the same months of last year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.report import formats
from pipelines.report.charts.months import Month, months
from pipelines.report.section import Column, Figure, Kind, Numbers, Section, Words
from pipelines.report.sections.common import fetch, months_between

MONTHS = 12
COLUMNS = ("leads", "viewings", "subscriptions", "signed_deals", "contribution_cny", "churn_rate", "in_time_share",
           "satisfaction_mean")  # fmt: skip
QUERY = f"""
    SELECT now.month, now.is_complete, {", ".join(f"now.{name}" for name in COLUMNS)},
        {", ".join(f"before.{name}" for name in COLUMNS)}
    FROM kpi_monthly AS now
    LEFT JOIN kpi_monthly AS before
        ON before.dimension = 'all' AND before.month = now.month - INTERVAL 1 YEAR
    WHERE now.dimension = 'all' AND now.month > (SELECT max(month) FROM kpi_monthly) - INTERVAL {MONTHS} MONTHS
    ORDER BY now.month
"""


@dataclass(frozen=True)
class Measure:
    """A column of kpi_monthly. `question`: the title where no two complete months can be compared."""

    column: str
    name: Words
    unit: Words
    question: Words
    kind: Kind = "count"

    @property
    def show(self) -> Callable[[float], Words]:
        formatted: dict[Kind, Callable[[float], Words]] = {
            "count": formats.count, "money": formats.money, "share": formats.share, "number": formats.number,
        }  # fmt: skip
        return formatted[self.kind]


MEASURES = [
    Measure(
        "leads",
        Words("New leads", "新增线索"),
        Words("leads", "线索（条）"),
        Words("How many leads come in?", "新增线索有多少？"),
    ),
    Measure(
        "viewings",
        Words("Viewings", "看房"),
        Words("viewings", "看房（次）"),
        Words("How many viewings?", "看房有多少？"),
    ),
    Measure(
        "subscriptions",
        Words("Subscriptions", "认购"),
        Words("subscriptions", "认购（笔）"),
        Words("How many subscriptions?", "认购有多少？"),
    ),
    Measure(
        "signed_deals",
        Words("Signed deals", "签约"),
        Words("signatures", "签约（笔）"),
        Words("How many deals are signed?", "签约有多少？"),
    ),
    Measure(
        "contribution_cny",
        Words("Contribution", "贡献"),
        Words("contribution in CNY", "贡献（元）"),
        Words("What do the deals earn?", "成交贡献多少？"),
        "money",
    ),
    Measure(
        "churn_rate",
        Words("Customers gone dormant", "客户沉睡率"),
        Words("share of open customers per month", "每月占在跟客户比例"),
        Words("How many go quiet?", "多少客户沉睡？"),
        "share",
    ),
    Measure(
        "in_time_share",
        Words("Enquiries answered in time", "咨询及时回复率"),
        Words("share of due enquiries", "占应回复咨询比例"),
        Words("Do we answer in time?", "回复及时吗？"),
        "share",
    ),
    Measure(
        "satisfaction_mean",
        Words("Satisfaction", "满意度"),
        Words("mean score, 1 to 5", "平均分（1–5 分）"),
        Words("Are customers satisfied?", "客户满意吗？"),
        "number",
    ),
]


def kpis(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Month by month, beside last year", "月度指标与去年同期")
    intro = Words(
        "The last twelve months. The thick line on a column is the same month of last year. The current month "
        "counts up "
        "to today and is pale. Tierhouse knows no targets of the business.",
        "最近十二个月。柱上粗线为去年同月；本月截至当日，颜色较浅。系统未录入经营目标。",
    )
    rows = fetch(connection, QUERY)
    figures, silent = [], []
    for at, measure in enumerate(MEASURES):
        values = [Month(row[0], _number(row[2 + at]), _number(row[2 + len(COLUMNS) + at]), row[1]) for row in rows]
        if any(value.value for value in values):
            figures.append(_figure(measure, values))
        else:
            silent.append(measure.name)
    unknown = [
        Words(
            f"Nothing is known in these months of: {', '.join(name.en.lower() for name in silent)}.",
            f"这些月份没有以下数据：{'、'.join(name.zh for name in silent)}。",
        )
    ]
    return Section("kpis", title, intro, figures, unknown if silent else ())


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _figure(measure: Measure, values: Sequence[Month]) -> Figure:
    complete = [value for value in values if value.is_complete and value.value is not None]
    last = complete[-1] if complete else None
    period = months_between(values[0].month, values[-1].month)
    return Figure(
        id=f"kpi-{measure.column.replace('_', '-')}",
        title=_title(measure, last),
        caption=Words(
            f"{measure.name.en} per month; thick lines: the same month a year before."
            if any(value.year_before is not None for value in values)
            else f"{measure.name.en} per month. Last year is not known.",
            f"每月{measure.name.zh}，粗线为去年同月。"
            if any(value.year_before is not None for value in values)
            else f"每月{measure.name.zh}，无去年数据。",
        ),
        unit=measure.unit,
        period=period,
        n=int(sum(value.value or 0 for value in values)) if measure.kind == "count" else None,
        table="kpi_monthly",
        alt=Words(
            f"Columns of {measure.name.en.lower()} per month, {period.en}.", f"{period.zh}每月{measure.name.zh}柱状图。"
        ),
        numbers=Numbers(
            [
                Column(Words("month", "月份"), "month"),
                Column(measure.name, measure.kind),
                Column(Words("a year before", "去年同月"), measure.kind),
            ],
            [(value.month, value.value, value.year_before) for value in values],
        ),
        chart=months(values, measure.show),
    )


def _title(measure: Measure, last: Month | None) -> Words:
    """State the last complete month beside the same month of last year."""
    if last is None or last.value is None:
        return measure.question
    value, month = measure.show(last.value), formats.month(last.month)
    if last.year_before is None:
        return Words(f"{measure.name.en}: {value.en} in {month.en}", f"{month.zh}{measure.name.zh} {value.zh}")
    before = measure.show(last.year_before)
    return Words(
        f"{measure.name.en}: {value.en} in {month.en}, {before.en} a year before",
        f"{month.zh}{measure.name.zh} {value.zh}，去年同月 {before.zh}",
    )
