"""Encoders: columns to the numbers of a model, with constants from the rows of a fit. Each output has one feature.

The outputs are those of scikit-learn's SimpleImputer, OneHotEncoder and StandardScaler, feature by feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from sklearn.preprocessing import StandardScaler

from models.features.features import Feature
from models.learn.columns import Columns

MISSING = -1.0
RARE_SHARE = 0.01
"""Categories with a smaller share of the training rows are merged into one."""
RARE = "infrequent_sklearn"

Kind = Literal["linear", "tree"]


@dataclass(frozen=True)
class Number:
    """One feature that is a number: its value, and with `has_indicator` whether it is null; centred and scaled.

    `fill` replaces null. `means` and `scales` are per output; empty for trees."""

    name: str
    fill: float
    has_indicator: bool
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs."""
        return [self.name, *([f"missingindicator_{self.name}"] if self.has_indicator else [])]

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return row × output."""
        encoded = _filled(values, self.fill, self.has_indicator)
        return (encoded - np.array(self.means)) / np.array(self.scales) if self.means else encoded


@dataclass(frozen=True)
class Text:
    """One feature that is a text: an output per frequent category in order, and one for all `rare` ones, if any.

    A category that is new since the fit counts as rare; without rare ones it has no output. `means` are subtracted;
    empty for trees."""

    name: str
    frequent: tuple[str, ...]
    rare: tuple[str, ...]
    means: tuple[float, ...] = ()

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs."""
        return [f"{self.name}_{text}" for text in (*self.frequent, *([RARE] if self.rare else []))]

    def encode(self, codes: np.ndarray, texts: np.ndarray) -> np.ndarray:
        """Return row × output. `codes`: the place of each row's text in `texts`."""
        size = len(self.outputs)
        table = np.vstack([np.eye(size), np.zeros((1, size))]) - (np.array(self.means) if self.means else 0.0)
        places = {text: place for place, text in enumerate(self.frequent)}
        other = len(self.frequent)  # the output of rare categories, or the row of zeros
        return table[np.array([places.get(text, other) for text in texts], dtype=int)[codes]]


@dataclass(frozen=True)
class Encoder:
    """The parts of an encoder, in the order of the features."""

    kind: Kind
    parts: tuple[Number | Text, ...]

    def encode(self, columns: Columns) -> np.ndarray:
        """Return row × output."""
        encoded = np.empty((len(columns), self.starts[-1]))
        numbers = columns.linear if self.kind == "linear" else columns.numbers
        for part, start, end in zip(self.parts, self.starts, self.starts[1:], strict=False):
            if isinstance(part, Text):
                encoded[:, start:end] = part.encode(columns.codes[part.name], columns.texts[part.name])
            else:
                encoded[:, start:end] = part.encode(numbers[part.name])
        return encoded

    @property
    def starts(self) -> list[int]:
        """The first output of each feature, and the number of outputs."""
        return [0, *np.cumsum([len(part.outputs) for part in self.parts]).tolist()]

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs, as `feature__output`."""
        return [f"{part.name}__{output}" for part in self.parts for output in part.outputs]

    def as_content(self) -> dict[str, Any]:
        """Return the content for a model file."""
        return {"kind": self.kind, "parts": [asdict(part) for part in self.parts]}

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> Encoder:
        """Return the encoder that `as_content` wrote."""
        parts = ({name: _frozen(value) for name, value in part.items()} for part in content["parts"])
        return cls(content["kind"], tuple(Text(**part) if "frequent" in part else Number(**part) for part in parts))


def fit_encoder(kind: Kind, columns: Columns, features: Sequence[Feature]) -> Encoder:
    """Fit the encoder of linear models or of trees.

    Linear: logs, nulls replaced by the cap, or by the median with an indicator. Every output is centred on its training
    mean, so that the intercept belongs to the average row. Categories are not divided by the standard deviation: rare
    categories would escape the penalty. Trees: numbers as they are, nulls below every number, because boosting cannot
    bin a column without any value.
    """
    return Encoder(kind, tuple(_fit(kind, columns, feature) for feature in features))


def _fit(kind: Kind, columns: Columns, feature: Feature) -> Number | Text:
    if feature.scale == "category":
        return _fit_text(kind, columns, feature.name)
    if kind == "tree":
        return Number(feature.name, MISSING, has_indicator=False)
    values = columns.linear[feature.name]
    known = values[~np.isnan(values)]
    has_indicator = len(known) < len(values)
    fill = float(np.median(known)) if len(known) else 0.0
    scaler = StandardScaler().fit(_filled(values, fill, has_indicator))
    return Number(
        feature.name, fill, has_indicator, *(tuple(np.asarray(part).tolist()) for part in (scaler.mean_, scaler.scale_))
    )


def _fit_text(kind: Kind, columns: Columns, name: str) -> Text:
    texts, rows = columns.texts[name], len(columns)
    counts = np.bincount(columns.codes[name], minlength=len(texts)).tolist()
    counted = sorted((text, count) for text, count in zip(texts.tolist(), counts, strict=True) if count)
    frequent = [(text, count) for text, count in counted if count >= RARE_SHARE * rows]
    rare = [(text, count) for text, count in counted if count < RARE_SHARE * rows]
    sums = [count for _, count in frequent] + ([sum(count for _, count in rare)] if rare else [])
    means = tuple(count / rows for count in sums) if kind == "linear" else ()
    return Text(name, tuple(text for text, _ in frequent), tuple(text for text, _ in rare), means)


def _filled(values: np.ndarray, fill: float, has_indicator: bool) -> np.ndarray:
    missing = np.isnan(values)
    filled = np.where(missing, fill, values)
    return np.column_stack([filled, missing]) if has_indicator else filled[:, None]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
