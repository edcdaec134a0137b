"""Events of the live publication: it is late, a source is silent, customers are urgent, features drift."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta

import duckdb

from pipelines.alerts.event import Event, Text, event
from pipelines.home.days import demo_ends_before
from pipelines.home.settings import Settings
from pipelines.publish.switch import live_version, version_date

FEW = 0.2
"""A source with less than this share of its usual rows is an event. Smaller deviations are in `history_checks`."""

SOURCES = """
SELECT as_of, source, entity, rule, found, (usual_low + usual_high) / 2 AS usual
FROM history_checks
WHERE level IN ('warning', 'block') AND source <> 'all'
    AND (rule = 'silence' OR (rule IN ('volume_day', 'volume_week') AND found < ? * (usual_low + usual_high) / 2))
ORDER BY source, entity, rule
"""

WARNED = """
SELECT
    warning_level, any_value(warning_level_zh) AS zh, any_value(warning_level_en) AS en,
    count(*) AS customers, sum(expected_value_12m) AS money
FROM customer_grades
WHERE warning_level IN ('urgent', 'high', 'middle')
GROUP BY warning_level
ORDER BY array_position(['urgent', 'high', 'middle'], warning_level)
"""

DRIFT = """
SELECT target, horizon_days, count(*) AS features, max_by(replace(segment, 'feature=', ''), value) AS feature,
    max(value) AS psi, any_value(bar) AS bar
FROM model_report
WHERE model = 'drift' AND metric = 'psi' AND NOT passed
GROUP BY target, horizon_days
ORDER BY target, horizon_days
"""

TARGETS = {
    "dormancy": Text("沉默", "dormancy"),
    "intent": Text("购买意向", "intent"),
    "tenant_loss": Text("退租", "tenant loss"),
    "winback": Text("挽回", "win-back"),
    "purchase_silence": Text("不再复购", "purchase silence"),
}
ENTITIES = {
    "leads": Text("线索", "leads"),
    "interactions": Text("跟进记录", "interactions"),
    "transactions": Text("交易节点", "deal steps"),
}


def publication_events(settings: Settings, now: datetime) -> list[Event]:
    """Return the events of the live publication; an empty list before the first. `now`: in the business time zone."""
    version = live_version(settings.published)
    if version is None:
        return []
    late = late_publication(settings, version_date(version), now)
    file = settings.published / "versions" / version / "tierhouse.duckdb"
    with closing(duckdb.connect(str(file), read_only=True, config={"threads": 1})) as connection:
        found = [*silent_sources(connection), *urgent_customers(connection), *drifted_models(connection)]
    return [*([late] if late else []), *found]


def late_publication(settings: Settings, published: date, now: datetime) -> Event | None:
    """Return an event if yesterday is not published by TIERHOUSE_PUBLICATION_DUE. The home of a demo is never late."""
    due = settings.publication_due
    expected = now.date() - timedelta(days=1 if now.time() >= due else 2)
    if published >= expected or demo_ends_before(settings, expected):
        return None
    days = (now.date() - published).days - 1
    return event(
        "late",
        "",
        "problem",
        Text(f"{expected} 未按时发布", f"{expected} is not published"),
        Text(
            f"应在 {due:%H:%M} 前发布；当前版本为 {published}（落后 {days} 天）。",
            f"It was due at {due:%H:%M}. The live version is of {published} ({days} days behind).",
        ),
        str(published),
    )


def silent_sources(connection: duckdb.DuckDBPyConnection) -> Iterator[Event]:
    """Yield an event per source and entity that is silent or has less than a fifth of its usual rows."""
    seen = set()
    for as_of, source, entity, rule, found, usual in connection.execute(SOURCES, [FEW]).fetchall():
        if (source, entity) in seen:
            continue
        seen.add((source, entity))
        zh, en = ENTITIES.get(entity, Text(entity, entity))
        if rule == "silence":
            title = Text(f"来源 {source} 无新增{zh}", f"Source {source} is silent: {en}")
            detail = Text(
                f"截至 {as_of} 已 {found:,.0f} 天无新增。", f"No new row for {found:,.0f} days up to {as_of}."
            )
        else:
            title = Text(f"来源 {source} 的{zh}骤减", f"Source {source} delivers few rows: {en}")
            days = Text("当日", "on") if rule == "volume_day" else Text("近七天至", "in the 7 days to")
            detail = Text(
                f"{days.zh} {as_of}：{found:,.0f} 行，平常约 {usual:,.0f} 行（{found / usual:.0%}）。",
                f"{found:,.0f} rows {days.en} {as_of}, usually about {usual:,.0f} ({found / usual:.0%}).",
            )
        yield event(f"source/{source}/{entity}", "silent" if rule == "silence" else "few", "warning", title, detail)


def urgent_customers(connection: duckdb.DuckDBPyConnection) -> Iterator[Event]:
    """Yield one event if customers have the level `urgent`: counts and expected value by level, for each day."""
    as_of = connection.execute("SELECT as_of FROM publication").fetchall()[0][0]
    levels = connection.execute(WARNED).fetchall()
    if not levels or levels[0][0] != "urgent":
        return
    zh = "，".join(f"{label} {customers:,} 位（{_wan(money)}）" for _, label, _, customers, money in levels)
    en = ", ".join(f"{label.lower()} {customers:,} (CNY {money:,.0f})" for _, _, label, customers, money in levels)
    yield event(
        "urgent",
        str(as_of),
        "info",
        Text(f"{as_of} 紧急预警客户 {levels[0][3]:,} 位", f"{levels[0][3]:,} urgent customers on {as_of}"),
        Text(f"按预警等级（未来 12 个月预计贡献）：{zh}。", f"By warning level (expected value of 12 months): {en}."),
        str(as_of),
    )


def _wan(money: float) -> str:
    return f"{float(money) / 10_000:,.1f} 万元"


def drifted_models(connection: duckdb.DuckDBPyConnection) -> Iterator[Event]:
    """Yield an event per target whose features have another distribution than in training (PSI over its bar)."""
    for target, horizon, features, feature, psi, bar in connection.execute(DRIFT).fetchall():
        zh, en = TARGETS.get(target, Text(target, target))
        yield event(
            f"drift/{target}/{horizon}",
            "",
            "warning",
            Text(f"数据漂移：{zh}模型（{horizon} 天）", f"Drift: model of {en}, {horizon} days"),
            Text(
                f"{features} 个特征与训练时分布不同，最大为 {feature}（PSI {psi:.2f}，上限 {bar:.2f}）。",
                f"{features} features differ from training, most of all {feature} (PSI {psi:.2f}, at most {bar:.2f}).",
            ),
        )
