"""Values over time: months beside the same months of last year, columns up and down, and lines with their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from pipelines.report.charts.bars import Draw
from pipelines.report.charts.layers import Drawing, Scale, text_width, widest
from pipelines.report.draw import WIDTH
from pipelines.report.palette import colour
from pipelines.report.section import Language, Words

if TYPE_CHECKING:
    import altair as alt

_HEIGHT, _TOP, _BOTTOM = 150, 22, 22
_WIDEST = 60
"""Width of a column of a young home with few months, in pixels."""


@dataclass(frozen=True)
class Month:
    """A value of a month and of the same month a year before; None where nothing is known."""

    month: date
    value: float | None
    year_before: float | None
    is_complete: bool = True


def short_month(day: date, language: Language) -> str:
    """Return the month without its year, which the period of the figure states: Mar, 3月."""
    return f"{day.month}月" if language == "zh" else f"{day:%b}"


def months(rows: Sequence[Month], show: Callable[[float], Words]) -> Draw:
    """Draw columns from zero, and a line across each column at the value of the year before."""

    def draw(language: Language) -> alt.TopLevelMixin:
        known = [value for row in rows for value in (row.value, row.year_before) if value is not None]
        low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0) or 1.0
        scale = Scale(low, high, _HEIGHT - _BOTTOM, _TOP)
        width = min(WIDTH / len(rows), _WIDEST)
        drawing = Drawing(_HEIGHT)
        _top_line(drawing, scale, high, show(high).of(language))
        for at, row in enumerate(rows):
            x, x2 = at * width + 3, (at + 1) * width - 3
            name = short_month(row.month, language)
            if row.value is not None:
                tip = f"{name}: {show(row.value).of(language)}"
                fill = colour("cat-1") if row.is_complete else colour("cat-6")
                drawing.rect(x, x2, scale(0), scale(row.value), fill, tip)
            if row.year_before is not None:
                y = scale(row.year_before)
                drawing.rect(x - 2, x2 + 2, y - 1.5, y + 1.5, colour("ink"), show(row.year_before).of(language))
        _month_names(drawing, [row.month for row in rows], language, width)
        drawing.rule(0, scale(0), WIDTH, scale(0), "soft")
        return drawing.chart()

    return draw


@dataclass(frozen=True)
class Pair:
    """What goes up and what goes down on a day."""

    day: date
    up: float
    down: float


def thousands(value: float) -> str:
    """Format a value in at most four characters, for a narrow column: 950, 2.5k, 12k."""
    if value < 999.5:
        return f"{value:.0f}"
    return f"{value / 1000:.1f}k" if value < 9950 else f"{value / 1000:.0f}k"


def up_and_down(rows: Sequence[Pair], up: Words, down: Words, show: Callable[[float], Words]) -> Draw:
    """Draw columns above and below zero on the same scale, with their values: in thousands where a column is narrow."""

    def draw(language: Language) -> alt.TopLevelMixin:
        height = 210
        highest = max(max(row.up, row.down) for row in rows) or 1.0
        scale = Scale(-highest, highest, height - _BOTTOM - 36, 36)
        width = min(WIDTH / len(rows), _WIDEST)
        drawing = Drawing(height)
        drawing.text(0, 9, f"↑ {up.of(language)}", ink="good", is_bold=True)
        drawing.text(0, height - _BOTTOM - 9, f"↓ {down.of(language)}", ink="bad", is_bold=True)
        for at, row in enumerate(rows):
            x, x2, middle = at * width + 3, (at + 1) * width - 3, (at + 0.5) * width
            for value, name, fill in ((row.up, up, "good"), (-row.down, down, "bad")):
                text = show(abs(value)).of(language)
                drawing.rect(x, x2, scale(0), scale(value), colour(fill), f"{name.of(language)}: {text}")
                label = text if text_width(text) <= width else thousands(abs(value))
                drawing.text(middle, scale(value) + (-8 if fill == "good" else 8), label, "center")
        _month_names(drawing, [row.day for row in rows], language, width)
        drawing.rule(0, scale(0), width * len(rows), scale(0), "soft")
        return drawing.chart()

    return draw


@dataclass(frozen=True)
class Line:
    """A named line. `values`: one per day, None where nothing is known."""

    name: str
    fill: str
    values: Sequence[float | None]


def lines(days: Sequence[date], rows: Sequence[Line], show: Callable[[float], Words]) -> Draw:
    """Draw lines from zero, each with its name and its last value at its end."""

    def draw(language: Language) -> alt.TopLevelMixin:
        highest = max(value for row in rows for value in row.values if value is not None) or 1.0
        ends = {row.name: f"{row.name} {show(row.values[-1] or 0).of(language)}" for row in rows}
        right = WIDTH - widest(ends.values()) - 12
        scale, across = Scale(0, highest, _HEIGHT - _BOTTOM, _TOP), Scale(0, max(len(days) - 1, 1), 8, right)
        drawing = Drawing(_HEIGHT)
        _top_line(drawing, scale, highest, show(highest).of(language), right)
        drawing.rule(0, scale(0), right, scale(0), "soft")
        places = _apart([(scale(row.values[-1] or 0), row.name) for row in rows])
        for row in rows:
            known = [(across(at), scale(value)) for at, value in enumerate(row.values) if value is not None]
            drawing.line(known, row.fill)
            for x, y in known:
                drawing.dot(x, y, row.fill, row.name)
            drawing.text(right + 8, places[row.name], ends[row.name])
        _month_names(drawing, days, language, (right - 8) / max(len(days) - 1, 1), 8)
        return drawing.chart()

    return draw


def _apart(places: Sequence[tuple[float, str]], gap: float = 15) -> dict[str, float]:
    """Move labels upwards until they are `gap` pixels apart, beginning with the lowest; none beyond the top."""
    moved, lowest = {}, float("inf")
    for y, name in sorted(places, reverse=True):
        lowest = min(y, lowest - gap)
        moved[name] = lowest
    highest = -gap / 2
    for name in reversed(moved):
        moved[name] = highest = max(moved[name], highest + gap)
    return moved


def _top_line(drawing: Drawing, scale: Scale, high: float, text: str, right: float = WIDTH) -> None:
    drawing.text(0, 8, text, ink="soft")
    drawing.rule(0, scale(high), right, scale(high))


def _month_names(
    drawing: Drawing, days: Sequence[date], language: Language, width: float | None = None, left: float | None = None
) -> None:
    """Name every month, or every second or third one up to the last, as there is room."""
    width = width or WIDTH / len(days)
    left = width / 2 if left is None else left
    names = [short_month(day, language) for day in days]
    every = ceil((widest(names) + 2) / width) if len(days) > 1 else 1
    for at in range(len(days) - 1, -1, -every):
        half = text_width(names[at]) / 2
        drawing.text(min(max(left + at * width, half), WIDTH - half), drawing.height - 9, names[at], "center", "soft")
