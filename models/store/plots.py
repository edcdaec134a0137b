"""Pictures of a model as PNG bytes, for the metadata of the asset and for the store."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.drift import LARGE, NOTABLE, Drift
from models.judge.evaluate import EVERYONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, GREY, RED, AMBER = "#1f5a8a", "#8a8f98", "#b3261e", "#b26a00"
SHOWN_FEATURES = 15
PICTURES = ("reliability.png", "gain.png", "comparison.png")


def draw(labels: np.ndarray, rankings: dict[str, np.ndarray], report: pd.DataFrame, question: str) -> dict[str, bytes]:
    """Return the pictures of one training, by name. `rankings`: first the probabilities of the scoring model."""
    scoring = next(iter(rankings))
    drawn = (
        reliability(labels, rankings[scoring], f"{question}: reliability of {scoring}"),
        gain_curve(labels, rankings, f"{question}: share found by rank"),
        comparison(report, "pr_auc", f"{question}: candidates and baselines"),
    )
    return dict(zip(PICTURES, drawn, strict=True))


def reliability(labels: np.ndarray, probability: np.ndarray, title: str) -> bytes:
    """Draw observed rate against predicted probability in ten bins of equal mass, and a histogram."""
    figure = new_figure(6.4, 6.4)
    above, below = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    order = np.argsort(probability, kind="stable")
    bins = [rows for rows in np.array_split(order, metrics.BINS) if len(rows)]
    predicted = [100 * probability[rows].mean() for rows in bins]
    observed = np.array([100 * labels[rows].mean() for rows in bins])
    error = [
        196 * np.sqrt(max(rate / 100 * (1 - rate / 100), 1e-9) / len(rows))
        for rate, rows in zip(observed, bins, strict=True)
    ]
    above.plot([0, 100], [0, 100], color=GREY, linestyle="--", label="perfect")
    above.errorbar(predicted, observed, yerr=error, fmt="o-", color=BLUE, capsize=3, label="tenths of the rows, 95 %")
    above.set(title=title, ylabel="observed rate (%)", xlim=(0, 100), ylim=(0, 100))
    above.legend(loc="upper left", frameon=False)
    below.hist(100 * probability, bins=np.arange(0, 101, 5), color=BLUE)
    below.set(xlabel="predicted probability (%)", ylabel="rows")
    return as_png(figure)


def gain_curve(labels: np.ndarray, rankings: dict[str, np.ndarray], title: str) -> bytes:
    """Draw the share of rows with the label among the rows ranked highest, a line per model or baseline."""
    figure = new_figure(6.4, 5.0)
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], color=GREY, linestyle="--", label="at random")
    for name, ranking in rankings.items():
        order = np.argsort(-ranking, kind="stable")
        share = np.append(0, np.cumsum(labels[order])) / labels.sum()
        lift = metrics.top_decile_lift(labels, ranking, metrics.once(labels))[0]
        axes.plot(np.linspace(0, 100, len(share)), 100 * share, label=f"{name}: top-decile lift {lift:.2f}")
    axes.axvline(10, color=GREY, linewidth=0.8)
    axes.set(
        title=title,
        xlabel="rows ranked highest (%)",
        ylabel="of all with the label (%)",
        xlim=(0, 100),
        ylim=(0, 100),
    )
    axes.legend(loc="lower right", frameon=False)
    return as_png(figure)


def comparison(report: pd.DataFrame, metric: str, title: str) -> bytes:
    """Draw one metric of every model and baseline of a report, with 95 % interval, the best on top."""
    rows = report[(report["metric"] == metric) & (report["segment"] == EVERYONE)].sort_values("value")
    figure = new_figure(6.4, 1.2 + 0.35 * len(rows))
    axes = figure.subplots()
    error = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
    # With few rows, the interval of the resamples may not contain the value.
    axes.errorbar(rows["value"], range(len(rows)), xerr=np.clip(error, 0, None), fmt="o", color=BLUE, capsize=3)
    axes.set_yticks(range(len(rows)), rows["model"])
    axes.set(title=title, xlabel=f"{metric} (95 % interval)")
    axes.grid(axis="x", color="#e3e5e8")
    return as_png(figure)


def drift_bars(drift: Drift, title: str) -> bytes:
    """Draw the PSI of the features with the largest drift, and the limits of warnings."""
    rows = drift.table.dropna(subset=["psi"]).nlargest(SHOWN_FEATURES, "psi").iloc[::-1]
    figure = new_figure(6.4, 1.2 + 0.25 * max(len(rows), 1))
    axes: Axes = figure.subplots()
    colours = [RED if psi >= LARGE else AMBER if psi >= NOTABLE else BLUE for psi in rows["psi"]]
    axes.barh(rows["feature"], rows["psi"], color=colours)
    for line, colour in ((NOTABLE, AMBER), (LARGE, RED)):
        axes.axvline(line, color=colour, linestyle="--", linewidth=1)
    axes.set(title=title, xlabel="population stability index (no unit)")
    return as_png(figure)


def new_figure(width: float, height: float, dpi: int = 110) -> Figure:
    """Return a new figure, in inches, outside the global state of pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def as_png(figure: Figure) -> bytes:
    """Return the bytes of the picture."""
    content = BytesIO()
    # Without the version of the library in the metadata, equal pictures have equal bytes.
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
