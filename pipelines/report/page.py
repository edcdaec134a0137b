"""The HTML of the report: templates, style, script and charts in one file without any link to the network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from pipelines.report import formats
from pipelines.report.agents import WorkList, agent_file, agent_name
from pipelines.report.draw import as_svg
from pipelines.report.first_screen.screen import FirstScreen
from pipelines.report.first_screen.work import COMPLAINTS
from pipelines.report.palette import DARK, LIGHT, css_variables
from pipelines.report.section import LANGUAGES, NUMERIC, Figure, Kind, Section, Words

TAGS = {"en": "en", "zh": "zh-CN"}


def render_report(screen: FirstScreen, sections: Sequence[Section], lists: Sequence[WorkList]) -> str:
    """Return the page of the publication."""
    page = _templates().get_template("report.html.j2")
    return page.render(screen=screen, sections=sections, agents=lists, as_of=screen.as_of)


def render_agent(work: WorkList, tasks: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of an agent."""
    return _templates().get_template("agent.html.j2").render(work=work, tasks=tasks)


@cache
def _templates() -> jinja2.Environment:
    """Return the templates of the report with what they call."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    called: dict[str, Any] = {
        "say": say,
        "datum": datum,
        "cell": formats.cell,
        "charts": charts,
        "numeric": NUMERIC,
        "day": formats.day,
        "agent_file": agent_file,
        "agent_name": agent_name,
        "complaints": COMPLAINTS,
        "style": _file("style.css"),
        "script": _file("script.js"),
        "light": Markup(css_variables(LIGHT)),
        "dark": Markup(css_variables(DARK)),
    }
    environment.globals.update(called)
    return environment


def _file(name: str) -> Markup:
    """Return a file of the templates that the page contains as it is."""
    return Markup((Path(__file__).parent / "templates" / name).read_text(encoding="utf-8"))


def say(en: str | Words, zh: str | None = None) -> Markup:
    """Return a text in both languages; the style shows one of them. A text that is the same in both appears once.

    Chinese has no space before "%", also in texts of the published tables.
    """
    words = en if isinstance(en, Words) else Words(en, en if zh is None else zh)
    if words.en == words.zh:
        return escape(words.en)
    words = Words(words.en, re.sub(r"(?<=\d) %", "%", words.zh))
    return Markup("").join(
        Markup('<span lang="{}">{}</span>').format(TAGS[language], words.of(language)) for language in LANGUAGES
    )


def datum(name: str, value: float | Decimal | date | None, kind: Kind = "count") -> Markup:
    """Return a number of the first screen as an element with its name and its exact value."""
    exact = "" if value is None else value
    return Markup('<data data-name="{}" value="{}">{}</data>').format(name, exact, say(formats.cell(value, kind)))


def charts(figure: Figure) -> Markup:
    """Return the drawings of a figure: one per language, and two of each if the figure has a wide one."""
    drawings: list[Markup] = []
    for language in LANGUAGES:
        for size, chart in (("narrow", figure.chart), ("wide", figure.wide_chart)):
            if chart is None:
                continue
            name = f"{figure.id}-{language}-{size}"
            svg = as_svg(chart(language), name, figure.alt.of(language))
            label = Markup('<div class="chart {}" lang="{}">{}</div>')
            drawings.append(label.format(size if figure.wide_chart else "only", TAGS[language], Markup(svg)))
    return Markup("\n").join(drawings)
