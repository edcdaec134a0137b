"""README and docs: every path, link, command and make target that they name exists."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from pipelines.cli.main import cli
from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT
from pipelines.ingest.contract import ENTITIES

GUIDES = [DBT_PROJECT / "README.md", PROJECT_ROOT / "models" / "README.md"]
DOCUMENTS = [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").glob("*.md")), *GUIDES]
NAMES = [str(document.relative_to(PROJECT_ROOT)) for document in DOCUMENTS]
OURS = r"(?:pipelines|models|dbt_project|expectations|tests|benchmarks|docs|bi|seeds|macros)"
"""Folders whose paths a document may name: from the root of the repository, or of the dbt project."""


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    document = PROJECT_ROOT / name
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_the_repository_exists(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(rf"`({OURS}/[^`\s]*)`", text))
    missing = []
    for path in named:
        pattern = re.sub(r"<\w+>", "*", path.split("#")[0]).rstrip("/")
        if not any(any(root.glob(pattern)) for root in (PROJECT_ROOT, DBT_PROJECT)):
            missing.append(path)
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_exists(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    commands = set(re.findall(r"(?:`|bin/)tierhouse ([a-z][a-z-]*)", text))
    assert commands <= set(cli.commands)
    targets = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_the_table_of_rooms_has_the_order_of_the_import_contract() -> None:
    settings = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (PROJECT_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split("\n## Rooms\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    rooms = [room.removesuffix(".py").replace("/", ".") for cell in cells for room in re.findall(r"`([^`]+)`", cell)]
    assert rooms == [room.strip() for layer in layers for room in layer.split("|")]


def test_architecture_lists_every_source_of_dbt() -> None:
    manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
    text = (PROJECT_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split("\n## Tables that Python writes for dbt\n")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| `(\w+\.[\w<>]+)`", section, re.MULTILINE))
    general = {f"landing.{entity}": "landing.<entity>" for entity in ENTITIES}
    sources = {f"{source['schema']}.{source['name']}" for source in manifest["sources"].values()}
    expected = {"mining.<table>" if name.startswith("mining.") else general.get(name, name) for name in sources}
    assert expected == listed - {"scoring.drift"}
