"""Agents and teams: how fast they answer, how many customers they have, and whether their day has room."""

from __future__ import annotations

from typing import Literal

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.palette import colour
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import SHOWN, as_of, between, fetch, member, months_between, others, wilson

MONTHS = """
    SELECT min(month), max(month) FROM (
        SELECT DISTINCT month FROM kpi_monthly WHERE dimension = 'all' AND is_complete ORDER BY month DESC LIMIT 3
    )
"""
ANSWERS = """
    WITH members AS (
        SELECT
            member,
            sum(enquiries_due) AS due,
            sum(enquiries_in_time) AS in_time,
            max_by(response_hours_median, month) AS hours,
            row_number() OVER (
                ORDER BY sum(enquiries_in_time) / sum(enquiries_due), sum(enquiries_due) DESC, member
            ) AS place
        FROM kpi_monthly
        WHERE dimension = $dimension AND month BETWEEN $first AND $last
        GROUP BY member
        HAVING sum(enquiries_due) > 0
    )
    SELECT
        CASE WHEN place <= $shown THEN member END AS member,
        count(*) AS members,
        sum(in_time) / sum(due) AS in_time_share,
        sum(in_time) AS in_time,
        sum(due) AS due,
        CASE WHEN count(*) = 1 THEN max(hours) END AS hours
    FROM members
    GROUP BY 1
    ORDER BY min(place)
"""
CUSTOMERS = """
    SELECT member, graded_customers FROM kpi_monthly
    WHERE dimension = $dimension AND month = (SELECT max(month) FROM kpi_monthly)
"""
LOAD = """
    SELECT
        agent_id,
        any_value(tasks_of_agent) AS tasks,
        any_value(capacity_per_day) AS capacity,
        count(*) FILTER (is_overdue) AS overdue
    FROM agent_worklist
    WHERE agent_id <> 'unassigned'
    GROUP BY agent_id
    ORDER BY tasks / nullif(capacity, 0) DESC, tasks DESC, agent_id
"""
UNASSIGNED = "SELECT count(*) FROM agent_worklist WHERE agent_id = 'unassigned'"
Dimension = Literal["agent", "team"]


def agents(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Agents and teams", "置业顾问与团队")
    intro = Words(
        "How fast enquiries are answered, and how full the next day is. Names are keys; the file restricted.duckdb "
        "maps "
        "them to people.",
        "咨询回复速度与次日任务量。此处仅显示代号，姓名对照见 restricted.duckdb。",
    )
    first, last = fetch(connection, MONTHS)[0]
    figures, unknown = _load(connection), []
    if not figures:
        unknown.append(Words("No agent has a task for the next day.", "次日没有任何顾问有待办任务。"))
    answers = [_answers(connection, dimension, first, last) for dimension in ("agent", "team")] if first else []
    figures += [figure for figure in answers if figure]
    if not any(answers):
        unknown.append(
            Words(
                "No enquiry was due in the last three complete months, or no source delivers interactions or names the "
                "agents: how fast agents answer is not known.",
                "最近三个完整月份没有应回复的咨询，或没有数据源提供跟进记录或顾问，无法得知回复速度。",
            )
        )
    waiting = fetch(connection, UNASSIGNED)[0][0]
    if waiting:
        unknown.append(
            Words(f"{waiting:,} tasks belong to customers without an agent.", f"{waiting:,} 项任务的客户未分配顾问。")
        )
    return Section("agents", title, intro, figures, unknown)


def _load(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    rows = fetch(connection, LOAD)
    if not rows:
        return []
    over = sum(tasks > capacity for _, tasks, capacity, _ in rows)
    tasks, capacity = (sum(row[at] for row in rows) for at in (1, 2))
    shown = rows[:SHOWN]
    more = f" The {SHOWN} fullest of {len(rows):,} agents." if len(rows) > SHOWN else ""
    more_zh = f"仅显示 {len(rows):,} 位顾问中任务最满的 {SHOWN} 位。" if len(rows) > SHOWN else ""
    return [
        Figure(
            id="agents-load",
            title=Words(
                f"{over:,} of {len(rows):,} agents have more tasks than a day can hold",
                f"{len(rows):,} 位顾问中 {over:,} 位任务超过日容量",
            ),
            caption=Words(
                f"Tasks of the next day; the thick line is what the agent can do in a day, the orange part is beyond "
                f"it. {tasks:,} tasks for {capacity:,} places in all.{more}",
                f"次日任务数；粗线为顾问日容量，橙色为超出部分。合计 {tasks:,} 项任务、{capacity:,} 个名额。{more_zh}",
            ),
            unit=Words("tasks / tasks that a day can hold", "任务数/日容量"),
            period=between(as_of(connection), as_of(connection)),
            n=tasks,
            table="agent_worklist",
            alt=Words(
                f"Bars of tasks per agent against their capacity; {over:,} agents are over it.",
                f"各顾问任务数与日容量对比，{over:,} 位超出。",
            ),
            numbers=Numbers(
                [
                    Column(Words("agent", "顾问")),
                    Column(Words("tasks", "任务"), "count"),
                    Column(Words("capacity", "日容量"), "count"),
                    Column(Words("listed and overdue", "已逾期"), "count"),
                ],
                [(member(row[0]), *row[1:]) for row in shown],
            ),
            chart=bars(
                [
                    Bar(
                        member(agent),
                        count,
                        Words(f"{count:,} / {room:,}", f"{count:,} / {room:,}"),
                        colour("cat-2") if count > room else colour("cat-1"),
                        part=min(count, room) if count > room else 0,
                        part_fill=colour("cat-1"),
                        mark=room,
                    )
                    for agent, count, room, _ in shown
                ]
            ),
        )
    ]


def _answers(connection: duckdb.DuckDBPyConnection, dimension: Dimension, first, last) -> Figure | None:
    values = {"dimension": dimension, "first": first, "last": last, "shown": SHOWN}
    rows = connection.execute(ANSWERS, values).fetchall()
    if all(row[0] == "unknown" for row in rows):
        return None
    customers = dict(connection.execute(CUSTOMERS, {"dimension": dimension}).fetchall())
    in_time, due = (sum(row[at] for row in rows) for at in (3, 4))
    names = [others(row[1]) if row[0] is None else member(row[0]) for row in rows]
    slow = formats.share(rows[0][2])
    whole = formats.share(in_time / due)
    members = sum(row[1] for row in rows)
    who = Words("agents", "顾问") if dimension == "agent" else Words("teams", "团队")
    more = f" The {SHOWN} slowest of {members:,} {who.en}." if members > SHOWN else ""
    more_zh = f"仅单独显示 {members:,} 个{who.zh}中最慢的 {SHOWN} 个。" if members > SHOWN else ""
    return Figure(
        id=f"{dimension}s-answers",
        title=Words(
            f"By {dimension}: {whole.en} of enquiries are answered in time; the least: {names[0].en}, {slow.en}",
            f"{who.zh}咨询及时回复率 {whole.zh}，最低为{names[0].zh}（{slow.zh}）",
        ),
        caption=Words(
            f"Share of due enquiries answered in time, by {dimension}, the slowest first, with 95 % intervals. The "
            f"hours are the median time to the answer in the last month.{more}",
            f"各{who.zh}应回复咨询中及时回复的占比，最慢在前，细线为 95% 置信区间。小时数为最近一月回复时长中位数。"
            f"{more_zh}",
        ),
        unit=Words("share of due enquiries · median hours", "占应回复咨询比例 · 中位小时数"),
        period=months_between(first, last),
        n=due,
        table="kpi_monthly",
        alt=Words(
            f"Bars of the share answered in time by {dimension}: "
            + ", ".join(f"{name.en} {formats.share(row[2]).en}" for name, row in zip(names, rows, strict=True)),
            f"各{who.zh}及时回复率："
            + "，".join(f"{name.zh} {formats.share(row[2]).zh}" for name, row in zip(names, rows, strict=True)),
        ),
        numbers=Numbers(
            [
                Column(Words(dimension, who.zh)),
                Column(Words("in time", "及时回复率"), "share"),
                Column(Words("answered in time", "及时回复"), "count"),
                Column(Words("due", "应回复"), "count"),
                Column(Words("median hours", "中位小时数"), "number"),
                Column(Words("customers in charge", "负责客户"), "count"),
            ],
            [(name, *row[2:], customers.get(row[0])) for name, row in zip(names, rows, strict=True)],
        ),
        chart=bars([_answer_bar(name, row) for name, row in zip(names, rows, strict=True)]),
    )


def _answer_bar(name: Words, row: tuple) -> Bar:
    share, hours = formats.share(row[2]), row[5]
    text = share if hours is None else Words(f"{share.en} · {hours:,.0f} h", f"{share.zh} · {hours:,.0f} 小时")
    low, high = wilson(row[3], row[4])
    return Bar(name, row[2], text, colour("cat-8" if row[0] is None else "cat-1"), low=low, high=high)
