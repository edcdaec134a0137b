"""`tierhouse doctor`: what can be checked before something fails."""

from __future__ import annotations

import sys

import click


@click.command(epilog="Example: tierhouse doctor")
def doctor() -> None:
    """Check installation, settings, home, sources and operation.

    Shows a table of checks, each ok, a warning or a problem, and what to do. Exits with 1 if there is a problem. Reads
    only, and works without a home.
    """
    from rich.console import Console
    from rich.table import Table

    from pipelines.doctor.examine import examine

    console = Console(highlight=False, width=max(100, Console().width))
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in ("status", "check", "found"):
        table.add_column(column, no_wrap=column != "found", overflow="fold")
    styles = {"ok": "green", "warning": "yellow", "problem": "red"}
    findings = list(examine())
    for finding in findings:
        text = f"{finding.found}\n→ {finding.remedy}" if finding.remedy else finding.found
        table.add_row(f"[{styles[finding.status]}]{finding.status}[/]", finding.check, _plain(text))
    console.print(table)
    problems, warnings = (sum(finding.status == status for finding in findings) for status in ("problem", "warning"))
    console.print(f"\n{problems} problems, {warnings} warnings")
    sys.exit(1 if problems else 0)


def _plain(text: str) -> str:
    """Escape brackets, which rich reads as markup."""
    from rich.markup import escape

    return escape(text)
