"""A heat map: cells with a text or two, in seven steps from little to much or in given colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.report.charts.bars import Draw
from pipelines.report.charts.layers import Drawing, widest
from pipelines.report.draw import WIDTH
from pipelines.report.palette import STEPS
from pipelines.report.section import Language, Words

if TYPE_CHECKING:
    import altair as alt

_CELL, _HEAD = 46, 20


@dataclass(frozen=True)
class Cell:
    """A cell at the place (column, row) with at most two lines of text. `share`: 0 to 1 of the deepest colour."""

    column: int
    row: int
    lines: Sequence[Words]
    share: float
    tip: Words


def step(share: float) -> int:
    """Return the step of a share, 0 to 6. Only nothing has step 0 in common with little."""
    return min(int(share * len(STEPS)), len(STEPS) - 1)


def grid(columns: Sequence[Words], rows: Sequence[Words], cells: Sequence[Cell], across: Words, down: Words) -> Draw:
    """Draw the cells. `across` and `down` say what columns and rows are; places without a cell stay empty."""

    def draw(language: Language) -> alt.TopLevelMixin:
        names = [row.of(language) for row in rows]
        left = max(widest(names) + 8, 24)
        width = (WIDTH - left) / len(columns)
        drawing = Drawing(2 * _HEAD + _CELL * len(rows) + 2)
        drawing.text(0, _HEAD / 2, f"{down.of(language)} ↓", ink="soft")
        drawing.text(WIDTH, _HEAD / 2, f"{across.of(language)} →", "right", "soft")
        for at, column in enumerate(columns):
            drawing.text(left + (at + 0.5) * width, 1.5 * _HEAD, column.of(language), "center", is_bold=True)
        for at, name in enumerate(names):
            drawing.text(0, 2 * _HEAD + (at + 0.5) * _CELL, name, is_bold=True)
        for cell in cells:
            x, y = left + cell.column * width, 2 * _HEAD + cell.row * _CELL
            deep = step(cell.share)
            drawing.rect(x + 1, x + width - 1, y + 1, y + _CELL - 1, STEPS[deep], cell.tip.of(language))
            ink = "on-seq-low" if deep < 3 else "on-seq-high"
            for line, text in enumerate(cell.lines):
                offset = (line - (len(cell.lines) - 1) / 2) * 16
                drawing.text(x + width / 2, y + _CELL / 2 + offset, text.of(language), "center", ink)
        return drawing.chart()

    return draw
