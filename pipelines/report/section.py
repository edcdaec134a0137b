"""What a section of the report consists of. A function `(connection) -> Section` makes one; see `sections/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import altair as alt
    import duckdb

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Words(NamedTuple):
    """A text that a person reads, in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


Kind = Literal["text", "count", "change", "money", "money_change", "share", "number", "day", "month"]
"""How a cell is shown. `count`: 1,234. `change`, `money_change`: with a sign. `money`: CNY. `share`: 0 to 1, shown as
%. `number`: three digits."""
NUMERIC = ("count", "change", "money", "money_change", "share", "number")
"""The kinds that are right-aligned."""


@dataclass(frozen=True)
class Column:
    label: Words
    kind: Kind = "text"


@dataclass(frozen=True)
class Numbers:
    """A table. A cell is a value of the kind of its column, Words, a plain text, or None (shown as a dash)."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Figure:
    """A chart with its numbers, or a table if it has no chart.

    Parameters
    ----------
    id: unique in the page; lower case and hyphens.
    caption: what the reader learns from the chart, in a sentence or two.
    unit, period: what the numbers measure, and the days that they cover.
    n: how many customers, deals or events the figure counts; None if the figure counts nothing.
    table: the published table with the numbers.
    alt: what the chart shows, for a reader who cannot see it.
    chart: draws the chart in one language, `pipelines.report.draw.WIDTH` wide, in the colours of
        `pipelines.report.palette`. Sets no configuration. None: only the table is shown.
    numbers: the numbers of the chart, at most a few dozen rows.
    is_wide: takes the whole width of the page on a wide screen.
    wide_chart: as `chart`, `pipelines.report.draw.WIDE` wide, shown in its place on a wide screen.
    """

    id: str
    title: Words
    caption: Words
    unit: Words
    period: Words
    n: int | None
    table: str
    alt: Words
    numbers: Numbers
    chart: Callable[[Language], alt.TopLevelMixin] | None = None
    is_wide: bool = False
    wide_chart: Callable[[Language], alt.TopLevelMixin] | None = None


@dataclass(frozen=True)
class Section:
    """A part of the report below the first screen.

    `unknown`: what the section cannot know, and why, one sentence each. A section without figures has at least one.
    """

    id: str
    title: Words
    intro: Words
    figures: Sequence[Figure] = ()
    unknown: Sequence[Words] = field(default=())


MakeSection = Callable[["duckdb.DuckDBPyConnection"], Section]
"""Reads the published tables. The day of the publication is the `as_of` of each table. Reads no clock."""
