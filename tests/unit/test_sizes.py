"""Files, functions and folders stay small enough to read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pipelines.home.settings import PROJECT_ROOT

MAX_LINES, MAX_FUNCTION_LINES, MAX_MODULES, MAX_MODELS = 250, 60, 15, 15


def _modules(*roots: str) -> Iterator[Path]:
    return (path for root in roots for path in (PROJECT_ROOT / root).rglob("*.py"))


def _large_folders(paths: Iterator[Path], limit: int) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for path in paths:
        folder = path.parent.relative_to(PROJECT_ROOT).as_posix()
        sizes[folder] = sizes.get(folder, 0) + 1
    return {folder: size for folder, size in sizes.items() if size > limit}


def test_no_file_is_longer_than_250_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules("pipelines", "models")}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {}
    for path in _modules("pipelines", "models", "benchmarks", "expectations"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{path}:{node.name}"] = lines
    assert long == {}


def test_no_python_folder_has_more_than_15_modules() -> None:
    assert _large_folders(_modules("pipelines", "models", "benchmarks", "expectations"), MAX_MODULES) == {}


def test_no_dbt_folder_has_more_than_15_models() -> None:
    assert _large_folders((PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql"), MAX_MODELS) == {}
