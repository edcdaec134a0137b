"""How far the models can be trusted: better than a simple rule, and right on average."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.report import formats
from pipelines.report.charts.bars import Point, points
from pipelines.report.palette import colour
from pipelines.report.section import Column, Figure, Numbers, Section, Words
from pipelines.report.sections.common import between, fetch

TARGETS = {
    "dormancy": Words("goes quiet", "沉默"),
    "intent": Words("subscribes or signs", "认购或签约"),
    "tenant_loss": Words("tenant leaves", "退租"),
    "winback": Words("comes back", "召回"),
    "purchase_silence": Words("buys no more", "不再复购"),
}
MODELS = {
    "logistic": Words("logistic regression", "逻辑回归"),
    "random_forest": Words("random forest", "随机森林"),
    "kernel_svm": Words("kernel SVM", "支持向量机"),
    "boosting": Words("boosting", "梯度提升"),
    "decision_tree": Words("decision tree", "决策树"),
    "recency_rule": Words("days of silence", "沉默天数"),
    "rfm_logistic": Words("RFM regression", "RFM 回归"),
    "base_rate": Words("average", "平均概率"),
    "mbg_none": Words("buy-till-you-die", "BTYD 模型"),
    "handbook_triggers": Words("handbook signals", "手册信号"),
}
YES, NO = Words("yes", "是"), Words("no", "否")
JUDGED = """
    WITH chosen AS (
        SELECT target, horizon_days, model, value = 1 AS may_score, snapshot
        FROM model_report WHERE metric = 'may_score' AND segment = 'all'
    ),
    baselines AS (
        SELECT target, horizon_days, model
        FROM model_report
        WHERE metric = 'pr_auc' AND segment = 'all' AND model IN ('recency_rule', 'rfm_logistic', 'mbg_none')
        QUALIFY row_number() OVER (PARTITION BY target, horizon_days ORDER BY value DESC, model) = 1
    ),
    lifts AS (SELECT * FROM model_report WHERE metric = 'top_decile_lift' AND segment = 'all'),
    counts AS (SELECT * FROM model_report WHERE metric = 'rows' AND segment = 'all')
    SELECT chosen.target, chosen.horizon_days, chosen.may_score, scoring.model AS scores, counts.value AS rows_judged,
        chosen.model, of_model.value, of_model.low, of_model.high,
        baselines.model, of_baseline.value, of_baseline.low, of_baseline.high, chosen.snapshot
    FROM chosen
    LEFT JOIN model_report AS scoring
        ON chosen.target = scoring.target AND chosen.horizon_days = scoring.horizon_days
        AND scoring.metric = 'scores' AND scoring.segment = 'all'
    LEFT JOIN counts ON chosen.target = counts.target AND chosen.horizon_days = counts.horizon_days
    LEFT JOIN lifts AS of_model
        ON chosen.target = of_model.target AND chosen.horizon_days = of_model.horizon_days
        AND chosen.model = of_model.model
    LEFT JOIN baselines ON chosen.target = baselines.target AND chosen.horizon_days = baselines.horizon_days
    LEFT JOIN lifts AS of_baseline
        ON baselines.target = of_baseline.target AND baselines.horizon_days = of_baseline.horizon_days
        AND baselines.model = of_baseline.model
    ORDER BY chosen.target, chosen.horizon_days
"""
RELIABILITY = """
    SELECT report.target, report.horizon_days, CAST(split_part(report.segment, '=', 2) AS DATE) AS month_end,
        report.value, report.low, report.high, report.passed
    FROM model_report AS report
    CROSS JOIN publication
    WHERE report.metric = 'predicted_to_realised' AND report.value IS NOT NULL
    QUALIFY
        -- One horizon of a target: the one that grades, else the shortest.
        dense_rank() OVER (
            PARTITION BY report.target
            ORDER BY report.model_version IS DISTINCT FROM publication.model_version, report.horizon_days
        ) = 1
        AND row_number() OVER (PARTITION BY report.target, report.horizon_days ORDER BY month_end DESC) <= 6
    ORDER BY report.target, month_end
"""
ABSENT = """
    SELECT target, horizon_days, model, value, bar FROM model_report
    WHERE model IN ('not_available', 'not_offered') ORDER BY target, horizon_days
"""


def models(connection: duckdb.DuckDBPyConnection) -> Section:
    title = Words("Can the predictions be trusted?", "预测可信吗？")
    intro = Words(
        "Each model is judged on months after those that it learned from. It scores customers only if it beats the "
        "best simple rule; otherwise the rule scores.",
        "模型用训练期之后的月份检验，必须胜过最好的简单规则才能打分，否则由规则打分。",
    )
    judged = fetch(connection, JUDGED)
    unknown = [_absent(*row) for row in fetch(connection, ABSENT)]
    unknown += [_may_not_score(row[0], row[1], row[4]) for row in judged if not row[2]]
    figures = [*_lift(judged), *_reliability(fetch(connection, RELIABILITY))]
    if not figures and not unknown:
        unknown = [Words("No model has been trained yet.", "尚未训练任何模型。")]
    return Section("models", title, intro, figures, unknown)


def _question(target: str, horizon_days: int) -> Words:
    name = TARGETS.get(target, Words(target, target))
    return Words(f"{name.en} within {horizon_days} days", f"{horizon_days} 天内{name.zh}")


def _absent(target: str, horizon_days: int, model: str, value: float, bar: float | None) -> Words:
    question = _question(target, horizon_days)
    if model == "not_offered":
        share, least = formats.share(value), formats.share(bar or 0)
        return Words(
            f"“{question.en}” is not asked: {share.en} of the buyers buy again within a year, {least.en} are needed.",
            f"不预测“{question.zh}”：一年内复购客户仅占 {share.zh}，低于 {least.zh}。",
        )
    return Words(
        f"“{question.en}” has no model: too few customers have had this question yet.",
        f"“{question.zh}”尚无模型：适用的客户太少。",
    )


def _may_not_score(target: str, horizon_days: int, rows: float | None) -> Words:
    question = _question(target, horizon_days)
    return Words(
        f"The model for “{question.en}” may not score: on {rows or 0:,.0f} judged rows it does not beat the best "
        "simple rule. A simple rule gives the probability.",
        f"“{question.zh}”的模型不得打分：在 {rows or 0:,.0f} 条检验样本上未胜过最好的简单规则，概率由简单规则给出。",
    )


def _lift_rows(judged: Sequence[tuple]) -> tuple[list[Point], list[tuple[object, ...]]]:
    """Return the points of the chart and the rows of its table: the model, then the best simple rule."""
    drawn, table = [], []
    for target, horizon, may_score, _, count, model, value, low, high, base, of_base, base_low, base_high, _ in judged:
        question = _question(target, horizon)
        if value is not None:
            label, words = MODELS.get(model, Words(model, model)), Words("model", "模型")
            drawn.append(Point(words, value, _times(value, low, high), low, high, heading=question))
            table.append((question, label, value, low, high, count, words, YES if may_score else NO))
        if of_base is not None:
            label, words = MODELS.get(base, Words(base, base)), Words("simple rule", "简单规则")
            times, heading = _times(of_base, base_low, base_high), question if value is None else None
            drawn.append(Point(words, of_base, times, base_low, base_high, colour("cat-2"), "diamond", heading))
            table.append((question, label, of_base, base_low, base_high, count, words, NO if may_score else YES))
    return drawn, table


def _times(lift: float, low: float | None, high: float | None) -> Words:
    text = f"{lift:.1f}×" if low is None or high is None else f"{lift:.1f}× ({low:.1f}–{high:.1f})"
    return Words(text, text)


def _lift(judged: Sequence[tuple]) -> list[Figure]:
    rows, table = _lift_rows(judged)
    if not rows:
        return []
    best = max((row for row in judged if row[6] is not None and row[2]), key=lambda row: row[6], default=None)
    days = [row[13] for row in judged]
    return [
        Figure(
            id="models-lift",
            title=Words(
                f"The tenth ranked highest {_question(*best[:2]).en} {best[6]:.1f} times as often as the average",
                f"模型排在最前的 10% 客户“{_question(*best[:2]).zh}”的比例是平均的 {best[6]:.1f} 倍",
            )
            if best
            else Words("Do the models rank better than a simple rule?", "模型排序胜过简单规则吗？"),
            caption=Words(
                "How much more often it happened to the tenth of customers ranked highest, for the model (circle) and "
                "for the best simple rule (diamond). Lines are 95 % intervals; 1 is no better than chance.",
                "排在最前的 10% 客户中实际发生的比例是平均的几倍：圆点为模型，菱形为最好的简单规则，横线为 95% "
                "置信区间；1 等于随机。",
            ),
            unit=Words("times the average share", "平均占比的倍数"),
            period=between(min(days), max(days)),
            n=int(sum(row[4] or 0 for row in judged)),
            table="model_report",
            alt=Words(
                "Points with intervals of the lift of each model and of the best simple rule.",
                "各模型与最好简单规则的前 10% 提升倍数及置信区间。",
            ),
            numbers=Numbers(
                [
                    Column(Words("question", "问题")),
                    Column(Words("method", "方法")),
                    Column(Words("lift", "提升"), "number"),
                    Column(Words("low", "下限"), "number"),
                    Column(Words("high", "上限"), "number"),
                    Column(Words("rows judged", "检验样本"), "count"),
                    Column(Words("kind", "类型")),
                    Column(Words("may score", "可打分")),
                ],
                table,
            ),
            chart=points(rows, 1.0, Words("1 = chance", "1 = 随机")),
        )
    ]


def _reliability(rows: Sequence[tuple]) -> list[Figure]:
    if not rows:
        return []
    shown, headed = [], set()
    for target, horizon, snapshot, value, low, high, passed in rows:
        text = f"{value:.2f} ({low:.2f}–{high:.2f})" if low is not None else f"{value:.2f}"
        heading = None if target in headed else _question(target, horizon)
        headed.add(target)
        fill = colour("cat-1") if passed in (True, None) else colour("cat-2")
        shown.append(Point(formats.month(snapshot), value, Words(text, text), low, high, fill, heading=heading))
    missed = sum(row[6] is False for row in rows)
    return [
        Figure(
            id="models-reliability",
            title=Words("Does as much happen as was predicted?", "预测多少，就发生多少吗？"),
            caption=Words(
                "Predicted ÷ realised share, by month-end; 1 is exact. The 95 % interval must reach 0.9 to 1.1. "
                + (f"{missed} of {len(rows)} month-ends miss it, in orange." if missed else "No month-end misses it."),
                "各月末预测占比 ÷ 实际占比，1 为完全一致；95% 置信区间须触及 0.9–1.1 才合格。"
                + (f"{len(rows)} 个月末中 {missed} 个不合格（橙色）。" if missed else "所有月末均合格。"),
            ),
            unit=Words("predicted ÷ realised", "预测 ÷ 实际"),
            period=between(min(row[2] for row in rows), max(row[2] for row in rows)),
            n=None,
            table="model_report",
            alt=Words(
                f"Points with intervals of predicted ÷ realised for {len(rows)} month-ends; {missed} miss the range.",
                f"{len(rows)} 个月末的预测与实际之比及置信区间，{missed} 个不合格。",
            ),
            numbers=Numbers(
                [
                    Column(Words("question", "问题")),
                    Column(Words("month-end", "月末"), "day"),
                    Column(Words("predicted ÷ realised", "预测 ÷ 实际"), "number"),
                    Column(Words("low", "下限"), "number"),
                    Column(Words("high", "上限"), "number"),
                ],
                [(_question(*row[:2]), *row[2:6]) for row in rows],
            ),
            chart=points(shown, 1.0, Words("1 = as predicted", "1 = 与预测一致")),
        )
    ]
