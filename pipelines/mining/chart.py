"""A chart of the personas for the UI: the difference of each persona from the average customer."""

from __future__ import annotations

import dagster as dg
import numpy as np

from models.mining.personas import Personas
from models.store.plots import as_png, new_figure
from pipelines.orchestration.metadata import picture


def persona_chart(personas: Personas, sizes: dict[int, int]) -> dg.MarkdownMetadataValue:
    """Return a heat map, persona × feature in standard deviations, as a PNG inside Markdown."""
    centres = personas.centres
    figure = new_figure(8, 2 + 0.45 * len(centres), dpi=80)
    axes = figure.subplots()
    reach = max(float(np.abs(centres.to_numpy()).max()), 1.0)
    image = axes.imshow(centres.to_numpy(), cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto")
    axes.set_xticks(range(len(centres.columns)), centres.columns, rotation=30, ha="right")
    labels = [
        f"{number}: {personas.names.loc[number, 'label_en']} ({sizes.get(number, 0):,})" for number in centres.index
    ]
    axes.set_yticks(range(len(centres)), labels)
    figure.colorbar(image, label="standard deviations from the mean", location="top", shrink=0.6, aspect=40)
    return picture(as_png(figure))
