"""Layout of Chinese text in charts, on machines without a Chinese font.

The drawing library measures text with the fonts of the machine. A character that no font has is measured far too
narrow, and labels are cut. A Chinese character is one em wide. So each one is drawn as an em dash, which every font
has, and two variation selectors, which have no width and number the character. The finished drawing gets the
characters back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_WIDE = re.compile("[⺀-鿿豈-﫿︰-﹏！-｠￠-￦、。“”‘’]")
_FIRST, _BASE = 0xE0100, 240
"""The variation selectors that have no meaning for an em dash: U+E0100 to U+E01EF."""
_START = 0x2000
"""All wide characters lie between this one and `_START + _BASE**2`."""
_HIDDEN = re.compile(f"—([{chr(_FIRST)}-{chr(_FIRST + _BASE - 1)}])([{chr(_FIRST)}-{chr(_FIRST + _BASE - 1)}])")


def hide(spec: Any) -> Any:
    """Return a chart specification in which each wide character of a text is an em dash with its number."""
    if isinstance(spec, str):
        return _WIDE.sub(_hidden, spec)
    if isinstance(spec, Mapping):
        return {hide(name): hide(value) for name, value in spec.items()}
    if isinstance(spec, Sequence):
        return [hide(value) for value in spec]
    return spec


def show(drawing: str) -> str:
    """Return the drawing with its wide characters."""
    return _HIDDEN.sub(_shown, drawing)


def _hidden(match: re.Match[str]) -> str:
    high, low = divmod(ord(match[0]) - _START, _BASE)
    return f"—{chr(_FIRST + high)}{chr(_FIRST + low)}"


def _shown(match: re.Match[str]) -> str:
    return chr((ord(match[1]) - _FIRST) * _BASE + ord(match[2]) - _FIRST + _START)
