"""Marks of the charts in pixels: one Altair layer per mark, and one chart of these layers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pipelines.report.draw import WIDTH
from pipelines.report.palette import colour

if TYPE_CHECKING:
    import altair as alt

SIZE = 12
"""Font size of labels, in pixels."""
_EM_LATIN, _EM_WIDE = 0.6, 1.0
Align = Literal["left", "center", "right"]


def text_width(text: str, size: int = SIZE) -> float:
    """Estimate the width of a text in pixels. vl-convert has no Chinese font to measure with."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return (wide * _EM_WIDE + (len(text) - wide) * _EM_LATIN) * size


def widest(texts: Iterable[str], size: int = SIZE) -> float:
    """Return the width of the widest text in pixels; 0 without texts."""
    return max((text_width(text, size) for text in texts), default=0.0)


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into lines of at most `width` pixels: at spaces, or between Chinese characters."""
    lines = [""]
    for piece in re.findall(r"[^\s\u2e80-\uffff]+\s*|\s+|.", text):
        if lines[-1] and text_width((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


@dataclass(frozen=True)
class Scale:
    """A linear scale: values from `low` to `high` are drawn from pixel `start` to pixel `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1) if span else self.start


@dataclass
class Drawing:
    """Collects marks and returns them as one chart. Coordinates are pixels from the top left corner."""

    height: float
    rects: list[Mapping[str, Any]] = field(default_factory=list)
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    dots: list[Mapping[str, Any]] = field(default_factory=list)
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    texts: dict[tuple[Align, bool], list[Mapping[str, Any]]] = field(default_factory=dict)

    def rect(self, x: float, x2: float, y: float, y2: float, fill: str, tip: str = "") -> None:
        """Fill a rectangle between two corners, in either order. `tip`: the text of the tooltip."""
        (x, x2), (y, y2) = sorted((x, x2)), sorted((y, y2))
        self.rects.append({"x": x, "x2": x2, "y": y, "y2": y2, "fill": fill, "tip": tip})

    def rule(self, x: float, y: float, x2: float, y2: float, stroke: str = "line", width: float = 1) -> None:
        self.rules.append({"x": x, "x2": x2, "y": y, "y2": y2, "stroke": colour(stroke), "width": width})

    def dot(self, x: float, y: float, fill: str, tip: str = "", shape: str = "circle") -> None:
        self.dots.append({"x": x, "y": y, "fill": fill, "tip": tip, "shape": shape})

    def line(self, points: Sequence[tuple[float, float]], stroke: str) -> None:
        """Draw a line through the points, over one colour each."""
        name = str(len({point["line"] for point in self.lines}))
        self.lines += [{"x": x, "y": y, "stroke": stroke, "line": name} for x, y in points]

    def text(
        self, x: float, y: float, text: str, align: Align = "left", ink: str = "ink", *, is_bold: bool = False
    ) -> None:
        """Write a text whose middle line is at `y`."""
        self.texts.setdefault((align, is_bold), []).append({"x": x, "y": y, "text": text, "fill": colour(ink)})

    def chart(self) -> alt.TopLevelMixin:
        """Return the chart. Rules are under bars, texts over everything."""
        import altair as alt

        place = alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None)
        span = (*place, alt.X2("x2:Q"), alt.Y2("y2:Q"))
        fill, stroke, tip = alt.Fill("fill:N", scale=None), alt.Stroke("stroke:N", scale=None), alt.Description("tip:N")
        layers = []
        if self.rules:
            rules = _rows(self.rules).mark_rule(aria=False)
            layers.append(rules.encode(*span, stroke, alt.StrokeWidth("width:Q", scale=None)))
        if self.rects:
            layers.append(_rows(self.rects).mark_rect().encode(*span, fill, tip))
        if self.lines:
            lines = _rows(self.lines).mark_line(strokeWidth=2, aria=False)
            layers.append(lines.encode(*place, stroke, alt.Detail("line:N")))
        if self.dots:
            dots = _rows(self.dots).mark_point(size=60, opacity=1, strokeWidth=0)
            layers.append(dots.encode(*place, fill, alt.Shape("shape:N", scale=None), tip))
        for (align, is_bold), rows in self.texts.items():
            weight = "bold" if is_bold else "normal"
            texts = _rows(rows).mark_text(align=align, baseline="middle", fontSize=SIZE, fontWeight=weight, aria=False)
            layers.append(texts.encode(*place, fill, alt.Text("text:N")))
        return alt.layer(*layers).properties(width=WIDTH, height=self.height, autosize="none", padding=0)


def _rows(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    import altair as alt

    return alt.Chart(alt.Data(values=list(rows)))
