"""How customers move between grades: since the grading before, and from month to month.

Today's movements are a table of cells and no alluvial chart: most customers keep their grade, so the flows that matter
would be threads of a pixel on a phone. A cell states its count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from pipelines.report import formats
from pipelines.report.charts.grid import Cell, grid
from pipelines.report.charts.months import Line, Pair, lines, up_and_down
from pipelines.report.palette import GRADES as COLOURS
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import GRADES, as_of, between, both, fetch

TODAY = """
    SELECT grade_from, grade_to, direction, customers, share_of_from FROM grade_movements ORDER BY grade_from, grade_to
"""
DAY_BEFORE = "SELECT max(graded_as_of) FROM grade_performance WHERE graded_as_of < as_of"
MONTHS = """
    WITH days AS (
        SELECT max(graded_as_of) AS day
        FROM grade_performance
        WHERE graded_as_of > as_of - INTERVAL 13 MONTHS
        GROUP BY date_trunc('month', graded_as_of)
    ),
    steps AS (SELECT day, lag(day) OVER (ORDER BY day) AS day_before FROM days)
    SELECT
        steps.day,
        count(*) FILTER (later.grade < earlier.grade) AS up,
        count(*) FILTER (later.grade > earlier.grade) AS down,
        count(*) AS compared
    FROM steps
    INNER JOIN grade_history AS later ON steps.day = later.graded_as_of
    INNER JOIN grade_history AS earlier
        ON steps.day_before = earlier.graded_as_of AND later.customer_id = earlier.customer_id
    GROUP BY steps.day
    ORDER BY steps.day
"""
SIZES = """
    SELECT graded_as_of, grade, customers
    FROM grade_performance
    WHERE graded_as_of IN (
        SELECT max(graded_as_of)
        FROM grade_performance
        WHERE graded_as_of > as_of - INTERVAL 13 MONTHS
        GROUP BY date_trunc('month', graded_as_of)
    )
    ORDER BY graded_as_of, grade
"""
CUSTOMERS = Words("customers", "客户（人）")


def movements(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Who moved between grades", "等级变动")
    intro = Words(
        "A grade is the contribution that is expected of a customer within 12 months. It moves with what the customer "
        "does and with the time that passes without contact.",
        "价值等级按客户未来 12 个月的预计贡献划分，随客户行为和失联时长变动。",
    )
    before = fetch(connection, DAY_BEFORE)[0][0]
    if before is None:
        unknown = Words(
            "This is the first graded day. Movements are known from the second one on.",
            "这是首个评级日，从第二个评级日起才有等级变动。",
        )
        return Section("movements", title, intro, unknown=[unknown])
    return Section("movements", title, intro, [_since_before(connection, before), *_by_month(connection)])


def _since_before(connection: duckdb.DuckDBPyConnection, before: date) -> Figure:
    rows = fetch(connection, TODAY)
    compared = sum(row[3] for row in rows if row[2] != "new")
    up, down = (sum(row[3] for row in rows if row[2] == direction) for direction in ("up", "down"))
    found = {(row[0], row[1]): row for row in rows}
    starts = [start for start in (*GRADES, "new") if any(row[0] == start for row in rows)]
    names = {start: Words("new", "新") if start == "new" else both(start) for start in starts}
    cells = []
    for down_to, start in enumerate(starts):
        for across, end in enumerate(GRADES):
            count, part = found[start, end][3:] if (start, end) in found else (0, 0.0)
            arrow = "" if start in ("new", end) or not count else "↑ " if end < start else "↓ "
            share = formats.share(part)
            tip = Words(
                f"{names[start].en} to {end}: {count:,} ({share.en})",
                f"{names[start].zh}→{end}：{count:,} 人（{share.zh}）",
            )
            texts = [both(f"{arrow}{count:,}"), share] if count else [both("0")]
            cells.append(Cell(across, down_to, texts, part, tip))
    return Figure(
        id="movements-today",
        title=Words(f"{up:,} customers moved up, {down:,} moved down", f"{up:,} 位客户升级，{down:,} 位客户降级"),
        caption=Words(
            f"Each row shows where the customers of a grade are now; its shares add up to 100 %. {compared:,} "
            "customers had "
            "a grade before. The darker a cell, the larger its share of the row.",
            f"每一行是上次某等级客户现在所处的等级，每行占比合计 100%。{compared:,} 位客户此前已有等级。颜色越深，"
            "占该行比例越大。",
        ),
        unit=CUSTOMERS,
        period=between(before, as_of(connection)),
        n=sum(row[3] for row in rows),
        table="grade_movements",
        alt=Words(
            f"Table of movements between grades: {up:,} up, {down:,} down, {compared - up - down:,} unchanged.",
            f"等级变动表：升级 {up:,} 人，降级 {down:,} 人，未变 {compared - up - down:,} 人。",
        ),
        numbers=Numbers(
            [
                Column(Words("from", "原等级")),
                Column(Words("to", "现等级")),
                Column(Words("customers", "客户数"), "count"),
                Column(Words("share of the row", "占原等级"), "share"),
            ],
            [(names[start], end, count, part) for start, end, _, count, part in rows],
        ),
        chart=grid(
            [both(grade) for grade in GRADES],
            [names[start] for start in starts],
            cells,
            Words("grade now", "现等级"),
            Words("grade before", "原等级"),
        ),
    )


def _by_month(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    steps = fetch(connection, MONTHS)
    return [_moves(steps), _sizes(fetch(connection, SIZES))] if len(steps) > 1 else []


def _moves(steps: Sequence[tuple]) -> Figure:
    up, down = (sum(row[at] for row in steps) for at in (1, 2))
    return Figure(
        id="movements-months",
        title=Words("How many move up and down from month to month?", "每月有多少客户升级、降级？"),
        caption=Words(
            f"Each column compares the last graded day of a month with that of the month before: {up:,} moves up "
            f"and {down:,} down in all.",
            f"每根柱比较当月与上月最后一个评级日，累计升级 {up:,} 人次，降级 {down:,} 人次。",
        ),
        unit=Words("customers with another grade than in the month before", "等级与上月不同的客户（人）"),
        period=between(steps[0][0], steps[-1][0]),
        n=up + down,
        table="grade_history",
        alt=Words(
            f"Columns per month: customers who moved up above the line, down below it; in the last month "
            f"{steps[-1][1]:,} up and {steps[-1][2]:,} down.",
            f"每月升级（上）和降级（下）客户数，最近一月升级 {steps[-1][1]:,} 人，降级 {steps[-1][2]:,} 人。",
        ),
        numbers=Numbers(
            [
                Column(Words("graded day", "评级日"), "day"),
                Column(Words("up", "升级"), "count"),
                Column(Words("down", "降级"), "count"),
                Column(Words("compared", "可比客户"), "count"),
            ],
            steps,
        ),
        chart=up_and_down([Pair(*row[:3]) for row in steps], Words("up", "升级"), Words("down", "降级"), formats.count),
    )


def _sizes(rows: Sequence[tuple]) -> Figure:
    days = sorted({row[0] for row in rows})
    counts = {(row[0], row[1]): row[2] for row in rows}
    now = {grade: counts.get((days[-1], grade), 0) for grade in GRADES}
    return Figure(
        id="movements-sizes",
        title=Words(
            f"Grade A has {now['A']:,} customers, {counts.get((days[0], 'A'), 0):,} on {formats.day(days[0]).en}",
            f"A 级客户 {now['A']:,} 人，{formats.day(days[0]).zh}为 {counts.get((days[0], 'A'), 0):,} 人",
        ),
        caption=Words(
            "Customers of each grade on the last graded day of each month. Grade D grows as leads go quiet: nobody "
            "is removed.",
            "各等级客户在每月最后一个评级日的数量。失联客户会累积在 D 级，系统不会删除客户。",
        ),
        unit=CUSTOMERS,
        period=between(days[0], days[-1]),
        n=sum(now.values()),
        table="grade_performance",
        alt=Words(
            "Lines of the number of customers per grade; now "
            + ", ".join(f"{grade} {now[grade]:,}" for grade in GRADES),
            "各等级客户数折线图；当前 " + "，".join(f"{grade} 级 {now[grade]:,} 人" for grade in GRADES),
        ),
        numbers=Numbers(
            [Column(Words("graded day", "评级日"), "day"), *(Column(both(grade), "count") for grade in GRADES)],
            [(day, *(counts.get((day, grade), 0) for grade in GRADES)) for day in days],
        ),
        chart=lines(
            days,
            [Line(grade, COLOURS[grade], [counts.get((day, grade), 0) for day in days]) for grade in GRADES],
            formats.count,
        ),
    )
