"""Whether the data can be trusted: rules against their bars, days unlike the past, and the last rows of each source."""

from __future__ import annotations

import json
from datetime import datetime

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Bar, bars
from pipelines.report.palette import colour
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import SHOWN, as_of, between, fetch

RULES = """
    SELECT *, failed / checked AS failed_share FROM (
        SELECT label_en, label_zh, entity, severity, sum(rows_failed) AS failed, max(rows_checked) AS checked,
            min(bar) AS bar
        FROM data_quality
        WHERE rows_failed > 0
        GROUP BY label_en, label_zh, entity, severity
    )
    ORDER BY failed_share > bar DESC, failed_share DESC, label_en, entity
"""
SEVERITIES = """
    SELECT severity, count(*), count(*) FILTER (rows_failed > 0), count(*) FILTER (share > bar), sum(rows_failed)
    FROM data_quality GROUP BY severity
    ORDER BY array_position(['error', 'warn', 'info'], severity)
"""
UNUSUAL = """
    SELECT label_en, label_zh, source, entity, field, found, usual_low, usual_high, level FROM history_checks
    WHERE level IN ('warning', 'accepted', 'block') ORDER BY check_path
"""
ENTITIES = {
    "leads": Words("leads", "线索"),
    "interactions": Words("interactions", "跟进记录"),
    "transactions": Words("deal steps", "交易"),
    "customers": Words("customers", "客户"),
    "properties": Words("listings", "房源"),
    "agents": Words("agents", "顾问"),
    "costs": Words("costs", "费用"),
}
LEVELS = {
    "error": Words("error", "错误"),
    "warn": Words("warning", "警告"),
    "info": Words("information", "提示"),
    "warning": Words("warning", "警告"),
    "accepted": Words("accepted by an operator", "已人工确认"),
    "block": Words("blocks", "阻断"),
}


def quality(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Can the data be trusted?", "数据可信吗？")
    intro = Words(
        "Every rule has a bar: the largest share of rows that may break it. Rows that break the contract are set aside "
        "and counted, not lost.",
        "每条规则都有允许的最大不合格占比。格式不符的行会被隔离并计数，不会丢失。",
    )
    figures = [*_rules(connection), _severities(connection), *_unusual(connection), *_sources(connection)]
    unknown = []
    if not any(figure.id == "quality-rules" for figure in figures):
        unknown.append(Words("No row breaks a rule.", "没有任何一行违反规则。"))
    return Section("quality", title, intro, figures, unknown)


def _entity(name: str) -> Words:
    return ENTITIES.get(name, Words(name, name))


def _rules(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    rows = fetch(connection, RULES)
    if not rows:
        return []
    over = sum(row[7] > row[6] for row in rows)
    shown = rows[:SHOWN]
    day = as_of(connection)
    named = [(Words(f"{row[0]} ({_entity(row[2]).en})", f"{row[1]}（{_entity(row[2]).zh}）"), row) for row in shown]
    more = f" The {SHOWN} largest of {len(rows):,} broken rules." if len(rows) > SHOWN else ""
    more_zh = f"仅显示 {len(rows):,} 条中占比最大的 {SHOWN} 条。" if len(rows) > SHOWN else ""
    return [
        Figure(
            id="quality-rules",
            title=Words(
                f"Rules over their bar: {over:,} of {len(rows):,} that are broken",
                f"{len(rows):,} 条有违反的规则中 {over:,} 条超出上限",
            )
            if over
            else Words("No rule is over its bar", "没有规则超出上限"),
            caption=Words(
                f"Share of rows that break a rule; the thick line is the bar. Orange is over the bar.{more}",
                f"违反规则的行占比，粗线为上限，橙色为超出上限。{more_zh}",
            ),
            unit=Words("share of the rows checked (rows)", "占检查行比例（行数）"),
            period=between(day, day),
            n=sum(row[4] for row in rows),
            table="data_quality",
            alt=Words(
                "Bars of the share of rows that break a rule: "
                + ", ".join(f"{name.en} {formats.share(row[7]).en}" for name, row in named),
                "各规则违反占比：" + "，".join(f"{name.zh} {formats.share(row[7]).zh}" for name, row in named),
            ),
            numbers=Numbers(
                [
                    Column(Words("rule", "规则")),
                    Column(Words("severity", "级别")),
                    Column(Words("rows", "行数"), "count"),
                    Column(Words("checked", "检查行数"), "count"),
                    Column(Words("bar", "上限"), "share"),
                    Column(Words("share", "占比"), "share"),
                ],
                [(name, LEVELS.get(row[3], row[3]), *row[4:]) for name, row in named],
            ),
            chart=bars(
                [
                    Bar(
                        name,
                        row[7],
                        Words(f"{formats.share(row[7]).en} ({row[4]:,})", f"{formats.share(row[7]).zh}（{row[4]:,}）"),
                        colour("cat-2") if row[7] > row[6] else colour("cat-1"),
                        mark=row[6],
                    )
                    for name, row in named
                ]
            ),
        )
    ]


def _severities(connection: duckdb.DuckDBPyConnection) -> Figure:
    rows = fetch(connection, SEVERITIES)
    day = as_of(connection)
    checked = sum(row[1] for row in rows)
    return Figure(
        id="quality-severities",
        title=Words("Rules by severity", "各级别规则"),
        caption=Words(
            "A warning asks for a repair in the source; information needs no action.",
            "警告需在数据源修正，提示无需处理。",
        ),
        unit=Words("rules", "规则（条）"),
        period=between(day, day),
        n=checked,
        table="data_quality",
        alt=Words(f"Table of {checked:,} rules by severity.", f"{checked:,} 条规则按级别统计表。"),
        numbers=Numbers(
            [
                Column(Words("severity", "级别")),
                Column(Words("rules", "规则数"), "count"),
                Column(Words("broken", "有违反"), "count"),
                Column(Words("over the bar", "超出上限"), "count"),
                Column(Words("rows", "行数"), "count"),
            ],
            [(LEVELS.get(row[0], row[0]), *row[1:]) for row in rows],
        ),
    )


def _unusual(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    rows = fetch(connection, UNUSUAL)
    if not rows:
        return []
    day = as_of(connection)
    return [
        Figure(
            id="quality-unusual",
            title=Words(f"Unusual comparisons with the past: {len(rows):,}", f"{len(rows):,} 项与往期相比异常"),
            caption=Words("The day against the past of its sources and gradings.", "当日与各数据源及评级的往期对比。"),
            unit=Words("as each rule counts", "按各规则计量"),
            period=between(day, day),
            n=len(rows),
            table="history_checks",
            alt=Words(f"Table of {len(rows):,} unusual comparisons.", f"{len(rows):,} 项异常对比表。"),
            numbers=Numbers(
                [
                    Column(Words("check", "检查")),
                    Column(Words("source", "数据源")),
                    Column(Words("found", "当日"), "number"),
                    Column(Words("usual, low", "往期最低"), "number"),
                    Column(Words("usual, high", "往期最高"), "number"),
                    Column(Words("level", "级别")),
                ],
                [
                    (
                        Words(f"{row[0]} ({_entity(row[3]).en})", f"{row[1]}（{_entity(row[3]).zh}）"),
                        Words("all", "全部") if row[2] == "all" else row[2],
                        *row[5:8],
                        LEVELS[row[8]],
                    )
                    for row in rows
                ],
            ),
        )
    ]


def _sources(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    text = fetch(connection, "SELECT source_watermarks FROM publication")[0][0]
    moments = {source: datetime.fromisoformat(moment) for source, moment in json.loads(text).items() if moment}
    if not moments:
        return []
    day = as_of(connection)
    ages = sorted(((day - moment.date()).days, source, moment) for source, moment in moments.items())
    late = sum(age > 1 for age, _, _ in ages)
    return [
        Figure(
            id="quality-sources",
            title=Words("Every source has rows of the last two days", "所有数据源近两天都有数据")
            if not late
            else Words(
                f"{late:,} of {len(ages):,} sources have no row of the last two days",
                f"{len(ages):,} 个数据源中 {late:,} 个近两天没有数据",
            ),
            caption=Words("The last moment known from each source.", "各数据源最后一条数据的时间。"),
            unit=Words("days before the day of the report", "距报告日天数"),
            period=between(day, day),
            n=len(ages),
            table="publication",
            alt=Words(f"Table of the last rows of {len(ages):,} sources.", f"{len(ages):,} 个数据源最后数据时间表。"),
            numbers=Numbers(
                [
                    Column(Words("source", "数据源")),
                    Column(Words("last row", "最后数据")),
                    Column(Words("days ago", "距今天数"), "count"),
                ],
                [(source, f"{moment:%Y-%m-%d %H:%M}", age) for age, source, moment in reversed(ages)],
            ),
        )
    ]
