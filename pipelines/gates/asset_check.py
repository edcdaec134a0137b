"""The result of a gate as the result of a Dagster asset check."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import duckdb

from pipelines.gates.run import run_gate
from pipelines.gates.suites import load_suite
from pipelines.gates.tables import Queries
from pipelines.orchestration.failures import errors_as_failures, failure


def check_gate(
    context: dg.AssetCheckExecutionContext | dg.AssetExecutionContext,
    gate: str,
    connection: duckdb.DuckDBPyConnection,
    tables: Queries,
    docs: Path,
    details: Sequence[str] = (),
    *,
    shows_warnings: bool = False,
) -> dg.AssetCheckResult:
    """Run a gate, write its Data Docs below `docs` and return the check result.

    `tables`: queries on the open connection. `details`: lines that explain a failure; they follow the summary.
    `shows_warnings`: a gate with warnings and no error fails with severity WARN, which blocks nothing.
    """
    with errors_as_failures(context):
        report = run_gate(load_suite(gate), connection, tables, docs_dir=docs)
    has_only_warnings = bool(shows_warnings and report.passed and report.warnings)
    lines = [*report.summary().splitlines(), *details]
    for line in lines:
        context.log.info(line)
    return dg.AssetCheckResult(
        check_name=f"gate_{gate}" if isinstance(context, dg.AssetExecutionContext) else None,
        passed=report.passed and not has_only_warnings,
        severity=dg.AssetCheckSeverity.WARN if has_only_warnings else dg.AssetCheckSeverity.ERROR,
        description=";\n".join(lines),
        metadata={
            "outcomes": dg.MetadataValue.md("\n".join([report.table(), *(f"- {line}" for line in details)])),
            "data docs": dg.MetadataValue.path(str(docs / gate / "index.html")),
        },
    )


def blocking(result: dg.AssetCheckResult) -> Iterator[dg.AssetCheckResult]:
    """Yield the result of a gate. Raise a `dg.Failure` after it, if the result stops the run: see `assert_passed`."""
    yield result
    assert_passed(result)


def assert_passed(*results: dg.AssetCheckResult) -> None:
    """Raise a `dg.Failure` with the description of the first result that stops the run.

    Dagster would stop the run too, but its message on the page of the run names the check and no cause.
    """
    for result in results:
        if not result.passed and result.severity == dg.AssetCheckSeverity.ERROR:
            raise failure(result.description or f"{result.check_name} failed")
