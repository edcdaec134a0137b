"""Dagster's graph: the tables that others read, with every test of dbt on one of them."""

from collections import Counter
from types import SimpleNamespace

import dagster as dg
import pytest

from pipelines.transform.assets import (
    CORE,
    PUBLISHED,
    STAGING,
    TESTS_OF_CORE,
    TESTS_OF_PUBLISHED,
    TESTS_OF_STAGING,
)
from pipelines.transform.graph import RULES, direct_parents, is_asset, members, node, parents, project, with_steps
from pipelines.transform.test_results import test_results as results_of_tests

SETS = (STAGING, CORE, PUBLISHED)
SHOWN = [unique_id for select in SETS for unique_id in members(select) if is_asset(unique_id)]


def test_every_model_and_seed_is_built_by_one_set():
    built = Counter(unique_id for select in SETS for unique_id in members(select))
    nodes = project()["nodes"].items()
    assert set(built) == {name for name, found in nodes if found["resource_type"] in ("model", "seed")}
    assert set(built.values()) == {1}


def test_generic_tests_have_no_option_that_a_grouped_run_ignores():
    generic = [found["config"] for found in project()["nodes"].values() if "test_metadata" in found]
    assert len(generic) > 400
    usual = {"severity": "ERROR", "where": None, "limit": None, "fail_calc": "count(*)", "warn_if": "!= 0"}
    assert [config for config in generic if config | usual | {"error_if": "!= 0"} != config] == []


def test_every_test_of_dbt_is_shown_by_one_asset_of_the_set_that_runs_it():
    sets = (TESTS_OF_STAGING, TESTS_OF_CORE, TESTS_OF_PUBLISHED)
    shown = Counter(test for tests in sets for test in tests)
    assert set(shown) == {name for name, found in project()["nodes"].items() if found["resource_type"] == "test"}
    assert set(shown.values()) == {1}
    for select, tests in zip(SETS, sets, strict=True):
        names = {node(unique_id)["name"] for unique_id in members(select) if is_asset(unique_id)} | {RULES}
        assert set(tests.values()) <= names


def test_the_shown_edges_lead_to_the_same_ancestors():
    def ancestors(unique_id, edges):
        found = set()
        waiting = [unique_id]
        while waiting:
            for parent in edges(waiting.pop()):
                if parent not in found:
                    found.add(parent)
                    waiting += [parent] if is_asset(parent) else []
        return found

    fewer = 0
    for unique_id in SHOWN:
        assert ancestors(unique_id, direct_parents) == ancestors(unique_id, parents), unique_id
        fewer += len(parents(unique_id)) - len(direct_parents(unique_id))
    assert fewer > 0


def test_one_asset_is_built_with_the_steps_towards_it():
    names = with_steps({"customer_churn"}, PUBLISHED)
    assert {"customer_churn", "int_churn__by_customer_as_of", "stg_scoring__scores"} <= set(names)
    assert "customer_grades" not in names
    assert "margins" in with_steps({RULES}, STAGING)
    assert "stg_landing__leads" not in with_steps({RULES}, STAGING)


def test_every_dependency_is_defined_and_every_consumer_has_an_owner():
    from pipelines.definitions import defs

    graph = defs.resolve_asset_graph()
    assert [key for key in graph.get_all_asset_keys() if graph.get(key).group_name == "default"] == []
    made = {key.to_user_string() for key in graph.get_all_asset_keys()} | {"postgres_publication"}
    for exposure in project()["exposures"].values():
        key = exposure["config"]["meta"].get("dagster", {}).get("asset_key", [exposure["name"]])
        assert set(key) <= made
        assert exposure["owner"]["name"]
        assert exposure["depends_on"]["nodes"]
    published = graph.get(dg.AssetKey("published_version"))
    assert published.freshness_policy.deadline_cron == "0 9 * * *"
    assert published.freshness_policy.timezone == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("status", "passed", "severity"),
    [("fail", False, "ERROR"), ("warn", False, "WARN"), ("pass", True, "WARN"), ("skipped", False, "WARN")],
)
def test_a_check_counts_the_tests_and_names_those_that_failed(status, passed, severity):
    def result(name, status):
        tested = SimpleNamespace(unique_id=name, name=name, resource_type="test", original_file_path="a.yml")
        return SimpleNamespace(
            node=tested, status=status, message="Got 3 results, configured to fail", execution_time=1
        )

    results = [result("unique_a", status), result("not_null_a", "pass"), result("unique_b", "fail")]
    (check,) = results_of_tests(results, {"unique_a": "a", "not_null_a": "a", "unique_b": "b"}, {"a"})
    assert (check.passed, check.severity.value) == (passed, severity)
    assert check.metadata["tests passed"].value == (2 if passed else 1)
    if status in ("fail", "warn"):
        assert check.description.endswith("test unique_a (a.yml): Got 3 results, configured to fail")
