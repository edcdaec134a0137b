"""YAML whose mappings know their line, so that an error can name it. A key given twice is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class SuiteError(ValueError):
    """A file of expectations cannot be used: the message names file, line and field."""


class Lined(dict[Any, Any]):
    """A mapping with the line that it begins on and the line of each of its keys (from 1)."""

    line: int
    lines: dict[Any, int]

    def line_of(self, key: Any) -> int:
        return self.lines.get(key, self.line)


class _LinedLoader(yaml.SafeLoader):
    pass


def _mapping(loader: _LinedLoader, node: yaml.MappingNode) -> Lined:
    loader.flatten_mapping(node)
    mapping = Lined()
    mapping.line, mapping.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            raise yaml.MarkedYAMLError(problem=f"the field {key} is given twice", problem_mark=key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
        mapping.lines[key] = key_node.start_mark.line + 1
    return mapping


_LinedLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_lined(path: Path) -> Lined:
    """The mapping that a YAML file holds.

    Raises SuiteError where the file is missing, is not YAML or does not hold a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SuiteError(f"{path.name}: expected a file of expectations at {path}, found none") from error
    try:
        content = yaml.load(text, _LinedLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise SuiteError(f"{path.name}, line {line}: expected YAML, found: {error.problem}") from error
    if not isinstance(content, Lined):
        raise SuiteError(f"{path.name}, line 1: expected the fields gate and tables, found {type(content).__name__}")
    return content
