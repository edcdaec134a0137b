"""`tierhouse demo` with its past and its report, in a new home. The bar is 120 s on two cores."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Line, measure, show, tierhouse_command

LEADS = 8_000
BAR_SECONDS = 120


def run(folder: Path, rows: int | None) -> None:
    """Measure one demo. `rows`: number of leads."""
    leads = rows or LEADS
    measured = measure(
        [tierhouse_command("tierhouse"), "demo", "--leads", str(leads)],
        folder / "demo.log",
        {"TIERHOUSE_HOME": str(folder / "home")},
    )
    ratio = f"{measured.seconds / BAR_SECONDS:.2f}"
    show(f"demo: {leads:,} leads", [Line("tierhouse demo", measured, ratio, f"{BAR_SECONDS} s")])
