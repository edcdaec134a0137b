"""What a gate found, as the result of an asset check."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pandas as pd

from pipelines.gates.run import run_gate
from pipelines.orchestration.failures import errors_as_failures


def judge_tables(
    context: dg.AssetCheckExecutionContext | dg.AssetExecutionContext,
    gate: str,
    tables: Mapping[str, pd.DataFrame],
    docs: Path,
    behind: Sequence[str] = (),
    *,
    shows_warnings: bool = False,
) -> dg.AssetCheckResult:
    """The result of a gate, with its Data Docs below `docs`. `behind`: lines that say what stands behind a failure.

    `shows_warnings`: with warnings alone the check fails with severity WARN, which blocks nothing.
    """
    with errors_as_failures(context):
        report = run_gate(gate, tables, docs_dir=docs)
    only_warned = bool(shows_warnings and report.passed and report.warnings)
    told = [*report.summary().splitlines(), *behind]
    for line in told:
        context.log.info(line)
    return dg.AssetCheckResult(
        check_name=f"gate_{gate}" if isinstance(context, dg.AssetExecutionContext) else None,
        passed=report.passed and not only_warned,
        severity=dg.AssetCheckSeverity.WARN if only_warned else dg.AssetCheckSeverity.ERROR,
        description=";\n".join(told),
        metadata={
            "outcomes": dg.MetadataValue.md("\n".join([report.table(), *(f"- {line}" for line in behind)])),
            "data docs": dg.MetadataValue.path(str(docs / gate / "index.html")),
        },
    )
