"""`tierhouse demo` in a new home, from the raw files to graded customers. The bar is 90 s on two cores."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Line, measure, show, tierhouse_command

LEADS = 20_000
BAR_SECONDS = 90


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
