"""The results of dbt's tests as one asset check per asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.transform.failures import failure_line, failure_lines, has_failed
from pipelines.transform.project import TESTS

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult


def test_results(
    results: Iterable[NodeResult], assets: Mapping[str, str], selected: Collection[str]
) -> Iterator[dg.AssetCheckResult]:
    """Yield a check result for each selected asset with tests that ran. `assets`: test, by unique id → asset.

    A failed test has the severity of dbt: `error` stops the step, `warn` does not.
    """
    of_asset: defaultdict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        asset = assets.get(result.node.unique_id)
        if asset and asset in selected:
            of_asset[asset].append(result)
    for asset, tests in sorted(of_asset.items()):
        errors = [test for test in tests if has_failed(test)]
        warnings = [test for test in tests if test.status == "warn"]
        skipped = [test for test in tests if test.status == "skipped"]
        lines = [f"error: {line}" for line in failure_lines(errors)]
        lines += [f"warning: {failure_line(test)}" for test in warnings]
        yield dg.AssetCheckResult(
            asset_key=asset,
            check_name=TESTS,
            passed=not (errors or warnings or skipped),
            severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
            description=";\n".join(lines) or (f"{len(skipped)} tests did not run" if skipped else None),
            metadata={
                "tests passed": len(tests) - len(errors) - len(warnings) - len(skipped),
                "tests failed": len(errors),
                "tests with a warning": len(warnings),
                "tests skipped": len(skipped),
            },
        )
