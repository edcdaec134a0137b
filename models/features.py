"""The whitelist of dormancy features, and the check of every frame against it.

A column that is not listed here never reaches a model. Protected attributes (age, gender, household, ethnicity) are
not listed, whatever the frame holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Literal

import numpy as np
import pandas as pd

from models.errors import FeatureError

KEYS = ("customer_key", "as_of")


@dataclass(frozen=True)
class Feature:
    """One column, as known at the end of day as_of.

    `scale`: `log` for counts, days and money (log1p before scaling), `linear` for bounded numbers, `category` for
    text. `nullable`: null means "none" or "not known"; elsewhere it is an error. `maximum`: larger is an error.
    """

    name: str
    scale: Literal["log", "linear", "category"]
    label_en: str
    label_zh: str
    nullable: bool = False
    maximum: float = np.inf


DORMANCY_FEATURES: tuple[Feature, ...] = (
    Feature("days_since_customer_event", "log", "days since the last customer-initiated event", "距上次主动互动天数"),
    Feature("customer_events_7d", "log", "customer-initiated events, 7 days", "近7天客户主动互动次数"),
    Feature("customer_events_30d", "log", "customer-initiated events, 30 days", "近30天客户主动互动次数"),
    Feature("customer_events_60d", "log", "customer-initiated events, 60 days", "近60天客户主动互动次数"),
    Feature("customer_events_90d", "log", "customer-initiated events, 90 days", "近90天客户主动互动次数"),
    Feature("customer_events_total", "log", "customer-initiated events, ever", "累计客户主动互动次数"),
    Feature("viewings_60d", "log", "viewings, 60 days", "近60天带看次数"),
    Feature("viewings_total", "log", "viewings, ever", "累计带看次数"),
    Feature("appointments_cancelled_90d", "log", "cancelled appointments, 90 days", "近90天取消预约次数"),
    Feature("complaints_90d", "log", "complaints, 90 days", "近90天投诉次数"),
    Feature("agent_contacts_30d", "log", "agent contacts, 30 days", "近30天顾问联系次数"),
    Feature(
        "agent_contacts_answered_share_90d", "linear", "agent contacts answered, share, 90 days",
        "近90天顾问联系应答率",
        nullable=True, maximum=1.0,
    ),
    Feature("unanswered_contacts_30d", "log", "unanswered agent contacts, 30 days", "近30天未应答联系次数"),
    Feature("days_since_first_known", "log", "days since first known", "建档天数"),
    Feature("subscriptions_total", "log", "subscriptions, ever", "累计认筹次数"),
    Feature("referrals_total", "log", "referrals, ever", "累计转介绍次数"),
    Feature("satisfaction_last", "linear", "last satisfaction score", "最近一次满意度", nullable=True),
    Feature("satisfaction_count", "log", "satisfaction answers", "满意度回访次数"),
    Feature("lead_records", "log", "merged lead records", "合并线索数"),
    Feature("budget_max_wan", "log", "budget, upper end, in 10,000", "预算上限(万)", nullable=True),
    Feature("first_channel", "category", "first channel", "首次来源渠道", nullable=True),
    Feature("demand_type", "category", "demand type", "需求类型", nullable=True),
    Feature("purpose", "category", "purpose", "购房目的", nullable=True),
)  # fmt: skip

RECENCY = "days_since_customer_event"


def feature_names() -> list[str]:
    """The whitelist in its fixed order."""
    return [feature.name for feature in DORMANCY_FEATURES]


def require_columns(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raises FeatureError that lists every missing column of `columns`."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise FeatureError(f"{where}: expected column(s) {', '.join(missing)}, found {', '.join(map(str, frame))}")


def sorted_by_key(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The frame at grain customer_key × as_of, in the order of its key, with text keys and midnight timestamps.

    Raises FeatureError for a missing, null or repeated key.
    """
    require_columns(frame, KEYS, where)
    for column in KEYS:
        if nulls := int(frame[column].isna().sum()):
            raise FeatureError(f"{where}, column {column}: expected no nulls, found {nulls}")
    keyed = frame.assign(
        customer_key=frame["customer_key"].astype(object).map(str).astype(object),
        as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[s]"),
    )
    if twice := int(keyed.duplicated(list(KEYS)).sum()):
        raise FeatureError(f"{where}: expected one row per customer_key and as_of, found {twice} repeated")
    return keyed.sort_values(list(KEYS), ignore_index=True)


def feature_frame(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The whitelisted columns alone, in their fixed order: float64, and object (text or NaN) for categories.

    Raises FeatureError that names the column, what was expected and what was found.
    """
    require_columns(frame, feature_names(), where)
    columns = {}
    for feature in DORMANCY_FEATURES:
        column = frame[feature.name]
        place = f"{where}, column {feature.name}"
        if not feature.nullable and (nulls := int(column.isna().sum())):
            raise FeatureError(f"{place}: expected no nulls, found {nulls} of {len(column)}")
        columns[feature.name] = _text(column, place) if feature.scale == "category" else _number(column, feature, place)
    return pd.DataFrame(columns, index=frame.index)


def _text(column: pd.Series, place: str) -> pd.Series:
    values = column.astype(object)
    known = values.notna()
    strange = sorted({type(value).__name__ for value in values[known] if not isinstance(value, str)})
    if strange:
        raise FeatureError(f"{place}: expected text or null, found {', '.join(strange)}")
    return values.where(known, np.nan).astype(object)


def _number(column: pd.Series, feature: Feature, place: str) -> pd.Series:
    known = column[column.notna()]
    if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        strange = sorted({type(value).__name__ for value in known if not _is_number(value)})
        if strange:
            raise FeatureError(f"{place}: expected numbers, found {', '.join(strange)}")
    values = pd.Series(np.nan, index=column.index, dtype="float64")
    values[known.index] = known.astype("float64")
    outside = known.index[~values[known.index].between(0, min(feature.maximum, np.finfo("float64").max))]
    if len(outside):
        expected = "0 or more" if np.isinf(feature.maximum) else f"0 to {feature.maximum:g}"
        raise FeatureError(f"{place}: expected {expected}, found {values[outside[0]]:g} and {len(outside) - 1} more")
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)
