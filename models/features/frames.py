"""The check of a frame: its grain, and its columns against a list of features."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from models.errors import FeatureError
from models.features.features import Feature

KEYS = ("customer_key", "as_of")


def require_columns(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise FeatureError with all missing columns, if any of `columns` is missing."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise FeatureError(f"{where}: expected column(s) {', '.join(missing)}, found {', '.join(map(str, frame))}")


def sorted_by_key(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return the frame (grain customer_key × as_of) in the order of its key, with text keys and midnight timestamps.

    Raises FeatureError for a missing, null or repeated key.
    """
    require_columns(frame, KEYS, where)
    for column in KEYS:
        if nulls := frame[column].isna().sum():
            raise FeatureError(f"{where}, column {column}: expected no nulls, found {nulls}")
    keyed = frame.assign(
        customer_key=frame["customer_key"].astype(object).map(str).astype(object),
        as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[s]"),
    )
    if repeated := keyed.duplicated(list(KEYS)).sum():
        raise FeatureError(f"{where}: expected one row per customer_key and as_of, found {repeated} repeated")
    return keyed.sort_values(list(KEYS), ignore_index=True)


def feature_frame(frame: pd.DataFrame, features: tuple[Feature, ...], where: str) -> pd.DataFrame:
    """Return the columns of `features` in their order: float64 for numbers, object (text or NaN) for categories.

    Raises FeatureError for a missing column, a null, a wrong type or a number outside its range.
    """
    require_columns(frame, [feature.name for feature in features], where)
    columns = {}
    for feature in features:
        column = frame[feature.name]
        place = f"{where}, column {feature.name}"
        if not feature.nullable and (nulls := column.isna().sum()):
            raise FeatureError(f"{place}: expected no nulls, found {nulls} of {len(column)}")
        columns[feature.name] = _text(column, place) if feature.scale == "category" else _number(column, feature, place)
    return pd.DataFrame(columns, index=frame.index)


def none_unless(known: pd.Series, values: pd.Series) -> pd.Series:
    """Return `values` where `known` is true, and None elsewhere."""
    null: Any = None  # pandas accepts None, its types do not
    return values.where(known, null)


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
