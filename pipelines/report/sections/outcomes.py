"""Whether grades predict: what the customers of each grade did in the days after their grading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.charts.months import Line, lines
from pipelines.report.palette import GRADES as COLOURS
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import GRADES, between, both, fetch, wilson

LATEST = """
    SELECT grade, graded_as_of, outcome_ends_on, customers_deals_known, customers_signed, contribution_sum,
        contribution_mean
    FROM grade_performance
    WHERE
        graded_as_of = (
            SELECT max(graded_as_of) FROM grade_performance WHERE NOT is_censored AND contribution_sum IS NOT NULL
        )
        AND contribution_sum IS NOT NULL
    ORDER BY grade
"""
OVER_TIME = """
    SELECT graded_as_of, grade, customers_signed / customers_deals_known AS share, contribution_mean
    FROM grade_performance
    WHERE NOT is_censored AND customers_deals_known > 0
    QUALIFY graded_as_of = max(graded_as_of) OVER (PARTITION BY date_trunc('month', graded_as_of))
    ORDER BY graded_as_of, grade
"""
STATE = "SELECT bool_or(NOT is_censored), min(outcome_ends_on) FROM grade_performance"


def outcomes(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Do the grades come true?", "等级准不准？")
    intro = Words(
        "A grade is right if A customers later bring more money than B customers, and so on. Counted once the window "
        "after a graded day is over.",
        "如果 A 级客户随后的人均贡献高于 B 级、B 级高于 C 级，等级就是准的。每个评级日的观察期结束后才统计。",
    )
    rows = fetch(connection, LATEST)
    if not rows:
        return Section("outcomes", title, intro, unknown=[_why_unknown(connection)])
    months = fetch(connection, OVER_TIME)
    figures = [_money(rows, *_days_in_order(months)), _share_signed(rows)]
    return Section("outcomes", title, intro, [*figures, *_over_time(months, _days(rows))])


def _why_unknown(connection: duckdb.DuckDBPyConnection) -> Words:
    is_over, ends_on = fetch(connection, STATE)[0]
    if is_over:
        return Words(
            "No source delivers transactions, so nobody knows who signed.", "没有数据源提供交易数据，无法得知谁签约。"
        )
    if ends_on is None:
        return Words("No day is graded yet.", "尚无评级日。")
    end = formats.day(ends_on)
    return Words(
        f"No graded day is old enough. The first outcome is known after {end.en}.",
        f"尚无评级日满观察期，首个结果将在{end.zh}之后得出。",
    )


def _days_in_order(months: Sequence[tuple]) -> tuple[int, int]:
    """Count the graded days on which each grade brought more money per customer than the next one, and all days."""
    means: dict[date, list[float]] = {}
    for day, _, _, mean in months:
        if mean is not None:
            means.setdefault(day, []).append(mean)
    compared = [of_day for of_day in means.values() if len(of_day) > 1]
    held = sum(all(better > worse for better, worse in pairwise(of_day)) for of_day in compared)
    return held, len(compared)


def _days(rows: Sequence[tuple]) -> int:
    return (rows[0][2] - rows[0][1]).days


def _share_signed(rows: Sequence[tuple]) -> Figure:
    days = _days(rows)
    shares = [(row[0], row[4] / row[3], *wilson(row[4], row[3]), row[4], row[3]) for row in rows if row[3]]
    (best, high, *_), (worst, low, *_) = shares[0], shares[-1]
    return Figure(
        id="outcomes-signed",
        title=Words(
            f"{formats.share(high).en} of {best} customers signed within {days} days, {formats.share(low).en} of "
            f"{worst}",
            f"{days} 天内，{best} 级客户 {formats.share(high).zh} 签约，{worst} 级 {formats.share(low).zh}",
        ),
        caption=Words(
            "Share of the customers who signed at least one deal (sale, lease or renewal). The thin line is the 95 % "
            "interval: with few customers it is long.",
            "签约至少一笔（买卖、租赁或续租）的客户占比。细线为 95% 置信区间，客户越少区间越宽。",
        ),
        unit=Words("share of the customers of a grade", "占该等级客户比例"),
        period=between(rows[0][1], rows[0][2]),
        n=sum(row[5] for row in shares),
        table="grade_performance",
        alt=Words(
            "Bars of the share that signed: " + ", ".join(f"{row[0]} {formats.share(row[1]).en}" for row in shares),
            "签约占比：" + "，".join(f"{row[0]} 级 {formats.share(row[1]).zh}" for row in shares),
        ),
        numbers=Numbers(
            [
                Column(Words("grade", "等级")),
                Column(Words("share signed", "签约占比"), "share"),
                Column(Words("low", "下限"), "share"),
                Column(Words("high", "上限"), "share"),
                Column(Words("signed", "签约客户"), "count"),
                Column(Words("customers", "客户数"), "count"),
            ],
            shares,
        ),
        chart=bars(
            [
                Bar(
                    both(grade),
                    share,
                    Words(
                        f"{formats.share(share).en} ({signed:,} of {known:,})",
                        f"{formats.share(share).zh}（{signed:,}/{known:,} 人）",
                    ),
                    COLOURS[grade],
                    low=low,
                    high=high,
                )
                for grade, share, low, high, signed, known in shares
            ]
        ),
    )


def _money(rows: Sequence[tuple], held: int, compared: int) -> Figure:
    shown = [row for row in rows if row[6] is not None]
    total = sum(float(row[5]) for row in shown)
    order = Words(
        f" Each grade brought more than the next one on {held:,} of {compared:,} graded days (the last of each month).",
        f"{compared:,} 个评级日（每月最后一个）中，{held:,} 个的人均贡献逐级递减。",
    )
    order = order if compared else Words("", "")
    of_best = formats.share(float(shown[0][5]) / total) if total > 0 else None
    return Figure(
        id="outcomes-money",
        title=Words(
            f"Grade {shown[0][0]} brought {of_best.en} of the money", f"{shown[0][0]} 级带来 {of_best.zh} 的贡献"
        )
        if of_best
        else Words("What did a customer of each grade bring in?", "各等级客户人均贡献多少？"),
        caption=Words(
            f"Contribution per customer in the {_days(rows)} days after the grading, less reversals.{order.en}",
            f"评级后 {_days(rows)} 天内的人均贡献，已扣除冲销。{order.zh}",
        ),
        unit=Words("CNY per customer", "元/人"),
        period=between(rows[0][1], rows[0][2]),
        n=sum(row[3] for row in shown),
        table="grade_performance",
        alt=Words(
            "Bars of contribution per customer: " + ", ".join(f"{row[0]} {formats.money(row[6]).en}" for row in shown),
            "人均贡献：" + "，".join(f"{row[0]} 级 {formats.money(row[6]).zh}" for row in shown),
        ),
        numbers=Numbers(
            [
                Column(Words("grade", "等级")),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("contribution", "贡献"), "money"),
                Column(Words("per customer", "人均"), "money"),
            ],
            [(row[0], row[3], row[5], row[6]) for row in shown],
        ),
        chart=bars([Bar(both(row[0]), float(row[6]), formats.money(row[6]), COLOURS[row[0]]) for row in shown]),
    )


def _over_time(rows: Sequence[tuple], days: int) -> list[Figure]:
    graded = sorted({row[0] for row in rows})
    if len(graded) < 2:
        return []
    shares = {(row[0], row[1]): row[2] for row in rows}
    return [
        Figure(
            id="outcomes-months",
            title=Words("Who signed, month after month", "各月签约占比"),
            caption=Words(
                f"Share that signed within {days} days, by the day of the grading. A grade is money: where the lines "
                "cross, customers of the lower grade signed more deals, not necessarily more money.",
                f"按评级日统计 {days} 天内签约占比。等级看金额：各线交叉表示低等级客户签约更多，贡献未必更高。",
            ),
            unit=Words("share of the customers of a grade", "占该等级客户比例"),
            period=between(graded[0], graded[-1]),
            n=None,
            table="grade_performance",
            alt=Words(
                f"Lines of the share that signed, per grade, on {len(graded)} graded days.",
                f"{len(graded)} 个评级日各等级签约占比折线图。",
            ),
            numbers=Numbers(
                [Column(Words("graded day", "评级日"), "day"), *(Column(both(grade), "share") for grade in GRADES)],
                [(day, *(shares.get((day, grade)) for grade in GRADES)) for day in graded],
            ),
            chart=lines(
                graded,
                [
                    Line(grade, COLOURS[grade], [shares.get((day, grade)) for day in graded])
                    for grade in GRADES
                    if any((day, grade) in shares for day in graded)
                ],
                formats.share,
            ),
        )
    ]
