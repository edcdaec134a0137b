"""Drawings: colours of the themes, Chinese labels on a machine without a Chinese font, texts of marks."""

from __future__ import annotations

import re

import altair as alt
import pytest

from pipelines.report.draw import WIDTH, as_png, as_svg
from pipelines.report.palette import CATEGORIES, DARK, GRADES, LIGHT, STEPS, colour
from pipelines.report.wide_characters import hide, show

LONG = "新增客户（含转介绍、老带新）"


def chart(label: str = LONG) -> alt.TopLevelMixin:
    data = alt.Data(values=[{"stage": label, "customers": 12}, {"stage": "b", "customers": 5}])
    bars = alt.Chart(data).mark_bar(color=CATEGORIES[0])
    return bars.encode(x="customers:Q", y=alt.Y("stage:N", sort=None, title=None)).properties(width=WIDTH, height=80)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_is_that_of_wcag_aa(colours):
    texts = [(name, back) for name in ("ink", "soft", "accent", "good", "bad") for back in ("page", "surface")]
    texts += [("on-accent", "accent"), *(("on-seq-low", f"seq-{step}") for step in (1, 2, 3))]
    texts += [("on-seq-high", f"seq-{step}") for step in (4, 5, 6, 7)]
    marks = [name for name in colours if re.match(r"grade|cat|urgent|high|middle|low|none", name)]
    assert {pair: ratio for pair in texts if (ratio := contrast(*(colours[one] for one in pair))) < 4.5} == {}
    assert {name: ratio for name in marks if (ratio := contrast(colours[name], colours["surface"])) < 3} == {}


def test_both_themes_have_the_same_colours():
    assert list(LIGHT) == list(DARK)
    assert len({*GRADES.values(), *CATEGORIES, *STEPS}) == 4 + 8 + 7


def test_chinese_labels_are_measured_one_em_wide():
    """The plot begins right of the label: 14 characters of 12 pixels and the distance to the axis."""
    svg = as_svg(chart(), "f", "alt")
    assert LONG in svg
    left = float(re.search(r"translate\(([\d.]+),", svg)[1])
    assert len(LONG) * 12 <= left <= len(LONG) * 12 + 20
    assert 'width="340"' in svg


def test_every_wide_character_comes_back():
    text = "".join(map(chr, range(0x2E80, 0xA000))) + "，。！（）“”、·—abc é 1"
    hidden = hide({"a": [text], text: 1})
    assert show(hidden["a"][0]) == text
    assert not re.search("[\u4e00-\u9fff]", str(hidden))


def test_a_drawing_has_the_colours_of_the_page_and_one_label():
    svg = as_svg(chart(), "f", 'shows "a" & b')
    assert "var(--cat-1)" in svg
    assert not re.search("#[0-9a-f]{6}", svg)
    assert svg.count("role=") == 1 and 'role="img" aria-label="shows &quot;a&quot; &amp; b"' in svg
    assert len(re.findall("data-tip=", svg)) == 2
    assert "font-family" not in svg


def test_ids_are_unique_in_the_page():
    clipped = alt.Chart(alt.Data(values=[{"x": 1, "y": 2}])).mark_point(clip=True).encode(x="x:Q", y="y:Q")
    one, other = (as_svg(clipped, name, "") for name in ("one", "other"))
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= ids[0]


def test_a_picture_for_dagster_has_no_placeholder_colour():
    assert as_png(chart("a")).startswith(b"\x89PNG")
    with pytest.raises(KeyError):
        colour("no such colour")
