"""Horizontal bars from zero, and points with intervals on a common line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.report.charts.layers import Drawing, Scale, text_width, widest, wrapped
from pipelines.report.draw import WIDTH
from pipelines.report.palette import colour
from pipelines.report.section import Language, Words

if TYPE_CHECKING:
    import altair as alt

Draw = Callable[[Language], "alt.TopLevelMixin"]
_LABEL, _ROW, _THICK = 19, 24, 14
_BESIDE = 96
"""Labels up to this width stand beside their bars, longer ones above them, in pixels."""


@dataclass(frozen=True)
class Bar:
    """A bar with its label, its text, and what is drawn on it.

    `part`: the part of `value` in the second colour. `low`, `high`: the interval. `mark`: a value to compare with,
    drawn as a line across the bar.
    """

    label: Words
    value: float
    text: Words
    fill: str = colour("cat-1")
    part: float = 0.0
    part_fill: str = colour("cat-2")
    low: float | None = None
    high: float | None = None
    mark: float | None = None

    @property
    def reach(self) -> float:
        return max(self.value, self.high or 0.0, self.mark or 0.0, 0.0)


def bars(rows: Sequence[Bar]) -> Draw:
    """Draw one bar per row, from zero, each with its own text."""

    def draw(language: Language) -> alt.TopLevelMixin:
        labels, texts = [row.label.of(language) for row in rows], [row.text.of(language) for row in rows]
        beside = widest(labels) <= _BESIDE
        left = widest(labels) + 10 if beside else 2
        above = [[] if beside else wrapped(label, WIDTH - 4) for label in labels]
        low, high = min(0.0, *(row.value for row in rows)), max(row.reach for row in rows)
        scale = Scale(low, high or 1.0, left, WIDTH - widest(texts) - 10)
        drawing = Drawing(_ROW * len(rows) + _LABEL * sum(map(len, above)) + 4)
        top = 2.0
        for row, label, text, lines in zip(rows, labels, texts, above, strict=True):
            for line in lines:
                drawing.text(2, top + _LABEL / 2 + 2, line)
                top += _LABEL
            middle = top + _ROW / 2
            top += _ROW
            if beside:
                drawing.text(left - 8, middle, label, "right")
            tip = f"{label}: {text}"
            drawing.rule(scale(0), middle - _ROW / 2, scale(0), middle + _ROW / 2, "soft")
            drawing.rect(scale(0), scale(row.value), middle - _THICK / 2, middle + _THICK / 2, row.fill, tip)
            if row.part:
                drawing.rect(scale(0), scale(row.part), middle - _THICK / 2, middle + _THICK / 2, row.part_fill, tip)
            if row.low is not None and row.high is not None:
                _whisker(drawing, scale(row.low), scale(row.high), middle)
            if row.mark is not None:
                x = scale(row.mark)
                drawing.rect(x - 1.5, x + 1.5, middle - _THICK / 2 - 3, middle + _THICK / 2 + 3, colour("ink"), tip)
            drawing.text(scale(row.reach) + 6, middle, text)
        return drawing.chart()

    return draw


@dataclass(frozen=True)
class Point:
    """A value with its interval. `heading` begins a group of points; `shape` is a shape of Vega."""

    label: Words
    value: float
    text: Words
    low: float | None = None
    high: float | None = None
    fill: str = colour("cat-1")
    shape: str = "circle"
    heading: Words | None = None


def points(rows: Sequence[Point], reference: float, reference_text: Words) -> Draw:
    """Draw one point with its interval per row, and a line at the value `reference`, named at the top."""

    def draw(language: Language) -> alt.TopLevelMixin:
        labels, texts = [row.label.of(language) for row in rows], [row.text.of(language) for row in rows]
        left, right = widest(labels) + 14, WIDTH - widest(texts) - 10
        ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
        scale = Scale(min(reference, *ends), max(reference, *ends), left, right)
        above = [wrapped(row.heading.of(language), WIDTH - 4) if row.heading else [] for row in rows]
        drawing = Drawing(_ROW * (len(rows) + 1) + _LABEL * sum(map(len, above)))
        name = reference_text.of(language)
        half = text_width(name) / 2
        drawing.text(min(max(scale(reference), half + 2), WIDTH - half - 2), 9, name, "center", "soft")
        top = float(_ROW - 4)
        for row, label, text, lines in zip(rows, labels, texts, above, strict=True):
            for line in lines:
                drawing.text(2, top + _LABEL / 2 + 2, line, is_bold=True)
                top += _LABEL
            middle = top + _ROW / 2
            drawing.rule(scale(reference), top, scale(reference), top + _ROW, "soft")
            drawing.text(8, middle, label, ink="soft")
            if row.low is not None and row.high is not None:
                drawing.rect(scale(row.low), scale(row.high), middle - 1, middle + 1, row.fill)
            drawing.dot(scale(row.value), middle, row.fill, f"{label}: {text}", row.shape)
            drawing.text(WIDTH - 2, middle, text, "right")
            top += _ROW
        return drawing.chart()

    return draw


def _whisker(drawing: Drawing, low: float, high: float, middle: float) -> None:
    """Draw an interval with a light edge, so that it is visible on a dark bar."""
    ink = colour("ink")
    drawing.rect(low - 1.5, high + 1.5, middle - 2.25, middle + 2.25, colour("surface"))
    drawing.rect(low, high, middle - 0.75, middle + 0.75, ink)
    for end in (low, high):
        drawing.rect(end - 0.75, end + 0.75, middle - 4, middle + 4, ink)
