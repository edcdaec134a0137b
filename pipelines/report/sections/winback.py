"""Whether win-back actions work: customers who were treated against customers who were left alone by lot."""

from __future__ import annotations

import duckdb

from pipelines.report.charts.bars import Point, points
from pipelines.report.palette import colour
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import SHOWN, as_of, between, fetch

# Cases have sums over causes and actions: only the sum of all cases is shown, so that no customer counts twice.
ROWS = """
    SELECT origin, campaign, likely_cause, action, likely_cause_en, likely_cause_zh, action_en, action_zh,
        treated_customers, hold_out_customers, treated_share, hold_out_share, lift, lift_low, lift_high
    FROM winback_outcomes
    WHERE lift IS NOT NULL AND (origin = 'campaign' OR (likely_cause = 'all') = (action = 'all'))
    ORDER BY origin = 'campaign', treated_customers + hold_out_customers DESC, campaign, likely_cause, action
"""
WITHOUT = """
    SELECT count(*), coalesce(sum(treated_customers), 0)
    FROM winback_outcomes
    WHERE lift IS NULL AND likely_cause <> 'all' AND action <> 'all'
"""
OPEN = "SELECT count(*), count(*) FILTER (arm = 'hold_out') FROM winback_cases WHERE status = 'open'"


def winback(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Does win-back work?", "挽回动作有效吗？")
    intro = Words(
        "A random part of the customers gets no action (hold-out). The difference between the two groups is the effect "
        "of the action; without the hold-out, those who come back by themselves would count as a success.",
        "随机抽取一部分客户不采取动作（对照组），两组回访率之差才是动作的真实效果，否则自行回来的客户也会被算作成效。",
    )
    rows = fetch(connection, ROWS)
    unknown = []
    count, treated = fetch(connection, WITHOUT)[0]
    if count:
        unknown.append(
            Words(
                f"{count:,} combinations of cause and action ({treated:,} treated) have no hold-out customer with a "
                "finished window yet: their effect is not known.",
                f"{count:,} 种原因与动作组合（实验组 {treated:,} 人）尚无观察期已满的对照客户，效果未知。",
            )
        )
    cases, held = fetch(connection, OPEN)[0]
    if cases:
        unknown.append(
            Words(
                f"{cases:,} cases are still open, {held:,} of them held out; they count once their window is over.",
                f"{cases:,} 个挽回任务单仍在进行（对照组 {held:,} 个），观察期满后计入。",
            )
        )
    if not rows and not unknown:
        unknown = [Words("There has been no win-back case or campaign yet.", "还没有挽回任务单或挽回活动。")]
    return Section("winback", title, intro, [_effects(connection, rows)] if rows else [], unknown)


def _label(row: tuple) -> Words:
    origin, campaign, cause, _, cause_en, cause_zh, action_en, action_zh = row[:8]
    if origin == "case":
        if cause == "all":
            return Words("All win-back cases", "全部挽回任务单")
        return Words(f"{cause_en}: {action_en}", f"{cause_zh}：{action_zh}")
    return Words(f"{cause_en}: {campaign}", f"{cause_zh}：{campaign}")


def _points(share: float) -> str:
    """Format a difference of shares in percentage points, with its sign."""
    points = round(share * 100, 1)
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def _effects(connection: duckdb.DuckDBPyConnection, rows: list[tuple]) -> Figure:
    works = sum(row[13] > 0 for row in rows)
    shown = rows[:SHOWN]
    more = f" The {SHOWN} largest of {len(rows):,}." if len(rows) > SHOWN else ""
    more_zh = f"仅显示 {len(rows):,} 项中人数最多的 {SHOWN} 项。" if len(rows) > SHOWN else ""
    return Figure(
        id="winback-effect",
        title=Words(
            f"{works:,} of {len(rows):,} comparisons {'suggests' if works == 1 else 'suggest'} an effect",
            f"{len(rows):,} 项对比中 {works:,} 项初步显示有效",
        ),
        caption=Words(
            "Share of treated customers who came back, minus that of the hold-out, with the 90 % interval. An "
            "interval to the right of 0 (green) suggests an effect; an interval across 0 shows nothing yet. Of "
            f"actions without any effect, about one in twenty looks effective by chance alone.{more}",
            "实验组回访率减对照组回访率及 90% 置信区间。区间全部在 0 右侧（绿色）初步显示有效，跨过 0 则尚不能下结论。"
            f"即使动作完全无效，也约有二十分之一的对比会因偶然显得有效。{more_zh}",
        ),
        unit=Words("percentage points", "百分点"),
        period=Words(
            f"all cases and campaigns until {between(as_of(connection), as_of(connection)).en}",
            f"截至{between(as_of(connection), as_of(connection)).zh}的全部任务单与活动",
        ),
        n=sum(row[8] + row[9] for row in rows if row[0] == "campaign" or row[2] == "all"),
        table="winback_outcomes",
        alt=Words(
            "Points with intervals of the effect of each action: "
            + ", ".join(f"{_label(row).en} {_points(row[12])}" for row in shown),
            "各动作效果及置信区间：" + "，".join(f"{_label(row).zh} {_points(row[12])}" for row in shown),
        ),
        numbers=Numbers(
            [
                Column(Words("cause and action", "原因与动作")),
                Column(Words("treated", "实验组"), "count"),
                Column(Words("hold-out", "对照组"), "count"),
                Column(Words("back, treated", "实验组回访率"), "share"),
                Column(Words("back, hold-out", "对照组回访率"), "share"),
                Column(Words("effect", "效果"), "share"),
                Column(Words("low", "下限"), "share"),
                Column(Words("high", "上限"), "share"),
            ],
            [(_label(row), *row[8:]) for row in shown],
        ),
        chart=points([_point(row) for row in shown], 0.0, Words("0 = no effect", "0 = 无效果")),
    )


def _point(row: tuple) -> Point:
    treated, held, lift, low, high = row[8], row[9], row[12], row[13], row[14]
    text = f"{_points(lift)} ({_points(low)} … {_points(high)})"
    return Point(
        Words(f"{treated:,} vs {held:,}", f"{treated:,} 对 {held:,}"),
        lift,
        Words(text, text),
        low,
        high,
        colour("good") if low > 0 else colour("bad") if high < 0 else colour("soft"),
        heading=_label(row),
    )
