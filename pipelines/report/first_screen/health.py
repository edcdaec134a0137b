"""What is wrong with the data of the day, and how old the model is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from pipelines.report.formats import number
from pipelines.report.section import Words

OLD_MODEL_DAYS = 45
"""Training runs weekly: an older model is reported as a fault."""

FAILED_RULES = """
    SELECT label_en, label_zh, entity, rows_failed, rows_checked, share, bar
    FROM data_quality
    WHERE share > bar AND severity <> 'info' AND rule NOT IN (SELECT rule FROM history_checks)
    ORDER BY share / greatest(bar, 0.0001) DESC, label_en, entity
"""
UNUSUAL = """
    SELECT label_en, label_zh, source, entity, found, usual_low, usual_high, unit, rule = 'silence'
    FROM history_checks
    WHERE level IN ('warning', 'block')
    ORDER BY rule <> 'silence', check_path
"""
PUBLICATION = """
    SELECT as_of, published_at, rule_version, model_version, source_watermarks,
        strptime(regexp_extract(model_version, '-(\\d{8})-', 1), '%Y%m%d')::DATE AS trained_through
    FROM publication
"""
ENTITIES = {
    "leads": Words("leads", "线索"),
    "customers": Words("customers", "客户"),
    "interactions": Words("interactions", "跟进记录"),
    "transactions": Words("transactions", "交易"),
    "agents": Words("agents", "置业顾问"),
    "properties": Words("listings", "房源"),
    "costs": Words("costs", "费用"),
}


@dataclass(frozen=True)
class FailedRule:
    label: Words
    entity: Words
    failed: int
    checked: int
    share: float
    bar: float


@dataclass(frozen=True)
class Unusual:
    """A check against the past. `usual`: the range of the past, None if the measure is itself a comparison."""

    label: Words
    source: str
    entity: Words
    found: float
    usual: Words | None
    unit: str
    is_silence: bool


@dataclass(frozen=True)
class Health:
    """`sources`: source → latest known row. `trained_through`: last training day of the model of the warnings."""

    as_of: date
    published_at: datetime
    rule_version: str
    sources: Sequence[tuple[str, str]]
    trained_through: date | None
    failed: Sequence[FailedRule]
    unusual: Sequence[Unusual]

    @property
    def model_age(self) -> int | None:
        return (self.as_of - self.trained_through).days if self.trained_through else None

    @property
    def model_is_old(self) -> bool:
        return self.model_age is not None and self.model_age > OLD_MODEL_DAYS

    @property
    def faults(self) -> int:
        return len(self.failed) + len(self.unusual) + self.model_is_old


def read_health(connection: duckdb.DuckDBPyConnection) -> Health:
    as_of, published_at, rules, _, watermarks, trained = connection.execute(PUBLICATION).fetchall()[0]
    failed = [
        FailedRule(Words(en, zh), _entity(entity), *rest)
        for en, zh, entity, *rest in connection.execute(FAILED_RULES).fetchall()
    ]
    unusual = []
    for en, zh, source, entity, found, low, high, unit, is_silence in connection.execute(UNUSUAL).fetchall():
        usual = (
            Words(f"{number(low).en} to {number(high).en}", f"{number(low).zh} 至 {number(high).zh}")
            if low is not None
            else None
        )
        unusual.append(Unusual(Words(en, zh), source, _entity(entity), found, usual, unit, is_silence))
    sources = sorted(json.loads(watermarks or "{}").items())
    return Health(as_of, published_at, rules, sources, trained, failed, unusual)


def _entity(entity: str) -> Words:
    return ENTITIES.get(entity, Words(entity, entity))
