"""Draw charts as SVG for the page: no script, no font and no colour of their own."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from pipelines.report.palette import CATEGORIES, colour, with_light_colours, with_variables
from pipelines.report.wide_characters import hide, show

if TYPE_CHECKING:
    import altair as alt

WIDTH, WIDE = 340, 800
"""Width of a chart for a phone and for a wide screen, in pixels, with axes and legends.

Charts use `autosize` "fit" in their width: set `.properties(width=WIDTH, height=…)`.
"""
FONT = "sans-serif"

CONFIG: dict[str, Any] = {
    "autosize": {"type": "fit-x", "contains": "padding"},
    "background": None,
    "font": FONT,
    "padding": 2,
    "view": {"stroke": None},
    "range": {"category": CATEGORIES},
    "mark": {"color": CATEGORIES[0]},
    "rule": {"color": colour("soft")},
    "text": {"color": colour("ink"), "fontSize": 12, "aria": False},
    "title": {"color": colour("ink"), "fontSize": 13},
    "axis": {
        "domainColor": colour("line"), "gridColor": colour("line"), "tickColor": colour("line"),
        "labelColor": colour("soft"), "titleColor": colour("soft"), "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "labelLimit": 170, "aria": False,
    },
    "legend": {
        "labelColor": colour("soft"), "titleColor": colour("soft"), "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "orient": "top", "direction": "horizontal", "aria": False,
    },
    "header": {"labelColor": colour("ink"), "titleColor": colour("soft"), "labelFontSize": 12},
}  # fmt: skip

_UNUSED = re.compile(
    r' (?:role|aria-roledescription|aria-hidden|pointer-events|font-family|xmlns(?::xlink)?|version|class)="[^"]*"'
    r'| opacity="1"'
)
_SYMBOL = re.compile(r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="(?!axis|legend|title)[^"]*"')
_EMPTY = re.compile(r'<path(?= )[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_DIGITS = re.compile(r"(\.\d\d)\d{3,}")
_SIZE = re.compile(r'<svg([^>]*) width="([\d.]+)" height="([\d.]+)"')


def as_svg(chart: alt.TopLevelMixin, name: str, label: str) -> str:
    """Return an SVG element for the page. Screen readers read its label only: the numbers are in a table beside it.

    The text of a mark is in its attribute `data-tip`, for the tooltip. `name`: unique in the page, for the ids within
    the drawing.
    """
    import vl_convert

    svg = show(vl_convert.vegalite_to_svg(hide(chart.to_dict(validate=False)), config=CONFIG))
    svg = _SYMBOL.sub(r'data-tip="\1"', svg)
    svg = re.sub(r' aria-label="[^"]*"', "", svg)
    svg = _DIGITS.sub(r"\1", _EMPTY.sub("", _UNUSED.sub("", svg)))
    described = f' role="img" aria-label="{escape(label)}"'
    svg = _SIZE.sub(lambda size: size[0] + described, svg, count=1)
    return with_variables(_with_own_ids(svg, name))


def as_png(chart: alt.TopLevelMixin) -> bytes:
    """Return a PNG in the colours of the light theme, on white."""
    import vl_convert

    config = {**CONFIG, "background": "#ffffff", "padding": 12}
    svg = show(vl_convert.vegalite_to_svg(hide(chart.to_dict(validate=False)), config=config))
    return vl_convert.svg_to_png(with_light_colours(svg), scale=2)


def _with_own_ids(svg: str, name: str) -> str:
    """Make ids unique in the page: every drawing begins with `clip0`."""
    for own in set(re.findall(r' id="([^"]+)"', svg)):
        svg = re.sub(rf'(id="|#){re.escape(own)}(?=["\)])', rf"\g<1>{name}-{own}", svg)
    return svg
