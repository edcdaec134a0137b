"""The two lock files, of the pipeline and of the tools: all packages are pinned by hash."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from pipelines.home.settings import PROJECT_ROOT

RUNTIME, TOOLS = "requirements.lock", "requirements-dev.lock"
TEST_TOOLS = {
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "selenium",
    "ruff",
    "sqlfluff",
    "sqlfluff-templater-dbt",
    "dbt-bouncer",
    "lifetimes",
}
SPARK = {"pyspark"}
"""Modules of the environment of requirements-spark.lock; only `pipelines/spark` imports them, when Spark is set."""
ROOMS = ("pipelines", "models", "expectations")


def entries(lock: str) -> list[str]:
    """Each requirement with its hashes."""
    return re.findall(r"^\S+==.*(?:\n {4}--hash=.*)*", (PROJECT_ROOT / lock).read_text(), flags=re.MULTILINE)


def names(lock: str) -> set[str]:
    return {re.split(r"[\[=]", entry)[0] for entry in entries(lock)}


def test_a_production_install_holds_no_test_tools():
    assert not names(RUNTIME) & TEST_TOOLS
    assert names(TOOLS) >= TEST_TOOLS


@pytest.mark.parametrize("lock", [RUNTIME, TOOLS])
def test_every_package_is_pinned_by_hash_and_names_no_registry(lock):
    assert len(entries(lock)) > 30
    assert all("--hash=sha256:" in entry for entry in entries(lock))
    text = (PROJECT_ROOT / lock).read_text()
    assert "://" not in text and "--index-url" not in text


def test_packages_in_both_files_have_the_same_versions():
    runtime, tools = (
        {re.match(r"([^=\[]+)[^=]*==(\S+)", entry).groups() for entry in entries(lock)} for lock in (RUNTIME, TOOLS)
    )
    assert {pin for pin in tools if pin[0] in names(RUNTIME)} <= runtime


def test_all_imports_of_the_pipeline_are_in_its_lock_file():
    imported = set()
    for path in (path for room in ROOMS for path in (PROJECT_ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    foreign = imported - sys.stdlib_module_names - set(ROOMS) - SPARK
    providers = packages_distributions()
    locked = {re.sub(r"[._]", "-", name).lower() for name in names(RUNTIME)}
    missing = {
        module
        for module in foreign
        if not {re.sub(r"[._]", "-", name).lower() for name in providers.get(module, ())} & locked
    }
    assert missing == set()
