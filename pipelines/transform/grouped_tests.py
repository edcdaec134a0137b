"""dbt's generic tests, run by tested table: the macro `run_grouped_tests` runs one query for all tests of a table.

As a node of its own, a test costs more in Python than in its query, and a day has 400. `tierhouse-dbt test` runs the
same tests one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.transform.dbt import DbtFailed, parsed_project, run_dbt
from pipelines.transform.engine import build_models
from pipelines.transform.failures import failure_lines, has_failed
from pipelines.transform.graph import node, project

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult


def build_and_test(
    settings: Settings,
    build: Sequence[str],
    tests: Collection[str],
    within: Collection[str],
    *,
    target: Path,
    built: Callable[[str, str], None],
) -> list[NodeResult]:
    """Run `dbt build`, then the generic tests of what was built. Returns the results of all nodes.

    `build`: arguments of dbt. `tests` and `within`: unique ids of the tests, and of the models and seeds, of the set.
    `built`: as in `run_dbt`. A failed model does not stop the tests of the others. Raises DbtFailed with the results
    of all nodes that ran.
    """
    results: list[NodeResult] = []
    errors: list[str] = []
    try:
        arguments = (*build, "--exclude", "test_type:generic")
        results += build_models(settings, arguments, within, target=target, built=built)
    except DbtFailed as error:
        results += error.results
        errors.append(str(error))
    try:
        chosen = testable(tests, results, within)
        results += run_grouped_tests(settings, settings.warehouse, chosen, target)
    except DbtFailed as error:
        results += error.results
        errors.append(str(error))
    if errors:
        raise DbtFailed("\n".join(errors), results)
    return results


def testable(tests: Iterable[str], results: Iterable[NodeResult], within: Collection[str]) -> list[str]:
    """Return the generic tests whose inputs in the set were all built."""
    built = {result.node.unique_id for result in results if result.status == "success"}
    return [
        unique_id
        for unique_id in tests
        if "test_metadata" in node(unique_id)
        and built.issuperset(parent for parent in project()["parent_map"][unique_id] if parent in within)
    ]


def run_grouped_tests(settings: Settings, warehouse: Path, tests: Collection[str], target: Path) -> list[NodeResult]:
    """Run generic tests, given by unique id. Returns a result per test. Raises DbtFailed with all of them if one fails.

    The message of a failed test has the number of failed rows; that of `never_null` also the number by column.
    """
    from dbt.artifacts.schemas.results import RunStatus, TestStatus
    from dbt.artifacts.schemas.run import RunResult

    if not tests:
        return []
    arguments = json.dumps({"tests": list(tests)})
    run_dbt(settings, warehouse, "run-operation", "run_grouped_tests", "--args", arguments, target=target)
    with connect(warehouse, settings, read_only=True) as connection:
        query = "SELECT test, failures, columns_failed FROM dbt_tests.failures ORDER BY test"
        found = connection.execute(query).fetchall()
    results: list[NodeResult] = []
    for unique_id, failures, columns in found:
        # As dbt words it.
        message = f"Got {failures} result{'' if failures == 1 else 's'}, configured to fail if != 0"
        result = RunResult.from_node(parsed_project().nodes[unique_id], RunStatus.Success, None)
        result.status = TestStatus.Fail if failures else TestStatus.Pass
        result.failures = failures
        if failures:
            result.message = f"{message} ({columns})" if columns else message
        results.append(result)
    if any(map(has_failed, results)):
        raise DbtFailed("\n    ".join(["dbt:", *failure_lines(results)]), results)
    return results
