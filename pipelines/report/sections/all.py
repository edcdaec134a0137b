"""The sections in the order of the page."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.report.section import MakeSection
from pipelines.report.sections.agents import agents
from pipelines.report.sections.channels import channels
from pipelines.report.sections.kpis import kpis
from pipelines.report.sections.models import models
from pipelines.report.sections.movements import movements
from pipelines.report.sections.outcomes import outcomes
from pipelines.report.sections.personas import personas
from pipelines.report.sections.quality import quality
from pipelines.report.sections.rfm import rfm
from pipelines.report.sections.winback import winback

SECTIONS: Sequence[MakeSection] = (
    movements, outcomes, models, kpis, channels, agents, rfm, personas, winback, quality,
)  # fmt: skip
