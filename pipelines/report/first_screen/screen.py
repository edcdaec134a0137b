"""All that the first screen shows, and its chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import duckdb

from pipelines.report import formats
from pipelines.report.draw import WIDTH
from pipelines.report.first_screen.funnel import read_funnel
from pipelines.report.first_screen.grades import Grades, read_grades
from pipelines.report.first_screen.health import Health, read_health
from pipelines.report.first_screen.work import Work, read_work
from pipelines.report.palette import CATEGORIES, colour
from pipelines.report.section import Column, Figure, Language, Numbers, Words


@dataclass(frozen=True)
class FirstScreen:
    grades: Grades
    work: Work
    health: Health
    chart: Figure | None
    """None if no customer has an expected contribution: then there are no shares of money."""
    funnel: Figure | None

    @property
    def as_of(self) -> date:
        return self.health.as_of

    @property
    def work_day(self) -> date:
        """The day of the work lists."""
        return self.as_of + timedelta(days=1)


def read_first_screen(connection: duckdb.DuckDBPyConnection) -> FirstScreen:
    """Read the first screen from the published tables."""
    grades, health = read_grades(connection), read_health(connection)
    chart = grade_shares(grades, health.as_of) if grades.money > 0 else None
    return FirstScreen(grades, read_work(connection), health, chart, read_funnel(connection))


def grade_shares(grades: Grades, day: date) -> Figure:
    """Return the chart of customers and money by grade."""
    customers, money = Words("share of customers", "客户占比"), Words("share of the money", "预计贡献占比")

    def chart(language: Language) -> alt.TopLevelMixin:
        values = [
            {
                "grade": grade.grade,
                "measure": measure.of(language),
                "share": part,
                "text": formats.share(part).of(language),
                "tip": f"{grade.grade}, {measure.of(language)}: {formats.share(part).of(language)}",
            }
            for grade in grades.grades
            for measure, part in ((customers, grade.share), (money, grade.money_share or 0.0))
        ]
        scale = alt.Scale(domain=[0, 1.15 * max(value["share"] for value in values)], nice=False)
        order = [customers.of(language), money.of(language)]
        base = alt.Chart(alt.Data(values=values)).encode(
            y=alt.Y("grade:N", title=None, scale=alt.Scale(paddingInner=0.25)),
            yOffset=alt.YOffset("measure:N", sort=order),
            x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4), scale=scale),
        )
        hues = alt.Scale(domain=order, range=[colour("cat-8"), CATEGORIES[0]])
        bars = base.mark_bar().encode(color=alt.Color("measure:N", scale=hues, title=None), description="tip:N")
        return (bars + base.mark_text(align="left", dx=3).encode(text="text:N")).properties(width=WIDTH, height=190)

    columns = [Column(Words("grade", "等级")), Column(customers, "share"), Column(money, "share")]
    shares = ", ".join(
        f"{one.grade} {formats.share(one.share).en} / {formats.share(one.money_share or 0).en}" for one in grades.grades
    )
    return Figure(
        id="grade-shares",
        title=Words("Few customers, most of the money", "少数客户贡献大部分价值"),
        caption=Words(
            "Each grade's share of all customers beside its share of the expected contribution.",
            "各价值等级的客户占比与预计贡献占比对照。",
        ),
        unit=Words("%", "%"),
        period=Words(f"12 months from {formats.day(day).en}", f"{formats.day(day).zh}起 12 个月"),
        n=grades.customers,
        table="customer_grades",
        alt=Words(f"Shares of customers and of money by grade: {shares}", f"各等级客户占比与预计贡献占比：{shares}"),
        numbers=Numbers(columns, [(one.grade, one.share, one.money_share) for one in grades.grades]),
        chart=chart,
    )
