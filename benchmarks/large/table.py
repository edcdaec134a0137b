"""The figures of `make bench-large` as Markdown tables and as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path

from benchmarks.large.sample import Cost

Costs = Mapping[str, Cost]
"""Stage → cost."""


def stage_table(by_size: Mapping[int, Costs]) -> str:
    """Return a Markdown table: a line per stage; seconds, processor seconds and MiB by size; the exponent of growth."""
    sizes = sorted(by_size)
    units = ("seconds", "processor", "MiB")
    head = ["stage", *(f"{size:,}: {unit}" if unit == units[0] else unit for size in sizes for unit in units), "growth"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for stage in dict.fromkeys(stage for costs in by_size.values() for stage in costs):
        cells = [cell for size in sizes for cell in _cells(by_size[size].get(stage))]
        lines.append(_line([stage, *cells, _exponent(by_size, stage, sizes)]))
    return "\n".join(lines)


def exponent(small: float, large: float, ratio: float) -> float:
    """Return the exponent of growth: 1.0 if the cost grows as the rows do. `ratio`: large rows ÷ small rows."""
    return log(large / small) / log(ratio)


def _exponent(by_size: Mapping[int, Costs], stage: str, sizes: Sequence[int]) -> str:
    """Return the exponent between the two largest sizes, in processor seconds."""
    if len(sizes) < 2 or any(stage not in by_size[size] for size in sizes[-2:]):
        return ""
    small, large = (by_size[size][stage].cpu_seconds for size in sizes[-2:])
    return f"{exponent(small, large, sizes[-1] / sizes[-2]):.2f}" if small > 0 and large > 0 else ""


def _cells(cost: Cost | None) -> list[str]:
    return ["", "", ""] if cost is None else [f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.peak_mib:,.0f}"]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def draw(by_size: Mapping[int, Costs], leave_out: Sequence[str], path: Path) -> None:
    """Write a chart of the processor seconds of each stage by size, on two logarithmic axes, to an SVG file."""
    import altair as alt
    import pandas as pd

    rows = [
        {"leads": size, "stage": stage, "seconds": max(cost.cpu_seconds, 0.1)}
        for size, costs in by_size.items()
        for stage, cost in costs.items()
        if stage not in leave_out
    ]
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X(
            "leads:Q",
            scale=alt.Scale(type="log", nice=False, padding=16),
            axis=alt.Axis(values=sorted(by_size), format=",d"),
        ),
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="processor seconds"),
        color=alt.Color("stage:N", sort=stages, scale=alt.Scale(scheme="tableau20"), title=None),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    chart = (base.mark_line() + base.mark_point(filled=True, size=50)).properties(width=560, height=380)
    chart.save(str(path))
