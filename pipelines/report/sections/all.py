"""The sections in the order of the page."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.report.section import MakeSection
from pipelines.report.sections.funnel import funnel

SECTIONS: Sequence[MakeSection] = (funnel,)
