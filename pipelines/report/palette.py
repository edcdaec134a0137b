"""The colours of the report. Charts are drawn in placeholder colours, which the page replaces by CSS variables.

So one drawing serves the light theme, the dark theme and print. Names are CSS variables without `--`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "page": "#f4f6f8", "surface": "#ffffff", "ink": "#16202b", "soft": "#4b5763", "line": "#d5dbe1",
    "accent": "#0a5aa8", "on-accent": "#ffffff", "good": "#0b7a4b", "bad": "#b3261e",
    "grade-a": "#0a2f66", "grade-b": "#1f6db3", "grade-c": "#4c8fc4", "grade-d": "#87919c",
    "urgent": "#8e0b3a", "high": "#c8361a", "middle": "#bd6b00", "low": "#8a7a00", "none": "#87919c",
    "cat-1": "#0072b2", "cat-2": "#d55e00", "cat-3": "#00805f", "cat-4": "#a6478a",
    "cat-5": "#9a7400", "cat-6": "#3b8cc2", "cat-7": "#6b4fa0", "cat-8": "#767676",
    "seq-1": "#e6f0f9", "seq-2": "#c9dff1", "seq-3": "#a3c8e6", "seq-4": "#2f76b3",
    "seq-5": "#1d5f9c", "seq-6": "#114a82", "seq-7": "#082f60",
    "on-seq-low": "#16202b", "on-seq-high": "#ffffff",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "page": "#0f1317", "surface": "#181d23", "ink": "#e8edf2", "soft": "#b1bcc8", "line": "#36404b",
    "accent": "#7ab8f5", "on-accent": "#0b1a2a", "good": "#5fcf9a", "bad": "#ff8a80",
    "grade-a": "#b9dcff", "grade-b": "#64aaf0", "grade-c": "#3f82c6", "grade-d": "#76828f",
    "urgent": "#ff7fa6", "high": "#ff8b66", "middle": "#f2b14a", "low": "#cfc35a", "none": "#76828f",
    "cat-1": "#56b4e9", "cat-2": "#ff9150", "cat-3": "#35c79a", "cat-4": "#e597cb",
    "cat-5": "#e8bf45", "cat-6": "#93cdf2", "cat-7": "#b49be6", "cat-8": "#a3a3a3",
    "seq-1": "#1b2b3b", "seq-2": "#1f3a55", "seq-3": "#244b72", "seq-4": "#62a3dd",
    "seq-5": "#86bbe9", "seq-6": "#abd1f3", "seq-7": "#d3e8fb",
    "on-seq-low": "#e8edf2", "on-seq-high": "#0b1a2a",
}  # fmt: skip

_NUMBERS = {name: f"#fa{number:02x}fa" for number, name in enumerate(LIGHT)}
_NAMES = {colour: name for name, colour in _NUMBERS.items()}
_PLACEHOLDER = re.compile("#fa[0-9a-f]{2}fa")


def colour(name: str) -> str:
    """Return the placeholder of a colour, to draw with. Raises KeyError for a name that LIGHT does not have."""
    return _NUMBERS[name]


GRADES = {grade: colour(f"grade-{grade.lower()}") for grade in "ABCD"}
LEVELS = {level: colour(level) for level in ("urgent", "high", "middle", "low", "none")}
CATEGORIES = [colour(f"cat-{number}") for number in range(1, 9)]
"""Colours without an order. They differ for a reader who is colour-blind."""
STEPS = [colour(f"seq-{number}") for number in range(1, 8)]
"""Seven steps from little to much, for heat maps: bin the values. Text on the first three is `on-seq-low`, on the
others `on-seq-high`."""


def with_variables(svg: str) -> str:
    """Replace the placeholders by CSS variables."""
    return _PLACEHOLDER.sub(lambda match: f"var(--{_NAMES[match[0]]})", svg)


def with_light_colours(drawing: str) -> str:
    """Replace the placeholders by the colours of the light theme, for a PNG."""
    return _PLACEHOLDER.sub(lambda match: LIGHT[_NAMES[match[0]]], drawing)


def css_variables(colours: Mapping[str, str]) -> str:
    """Return the declarations of all colours."""
    return "".join(f"--{name}:{value};" for name, value in colours.items())
