"""YAML with line numbers: scalars stay text, so that `No`, `01` and `1.0` mean what the user wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from pipelines.ingest.errors import MappingError, MappingFault


@dataclass(frozen=True)
class Node:
    """A YAML value: `value` is text, None (empty or `null`), a list of nodes, or a dict of nodes by text key."""

    value: str | list[Node] | dict[str, Node] | None
    line: int
    quoted: bool = False

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.value.items() if isinstance(self.value, dict) else ()


@dataclass
class Faults:
    """Collects the faults of one mapping file, so that all are told at once."""

    file: str
    found: list[MappingFault] = field(default_factory=list)

    def add(self, node: Node | int, place: str, message: str) -> None:
        self.found.append(MappingFault(node if isinstance(node, int) else node.line, place, message))

    def raise_if_any(self) -> None:
        if self.found:
            raise MappingError(self.file, self.found)


def load_nodes(text: str, faults: Faults) -> Node:
    """The document as nodes. Raises MappingError for text that is not YAML; records duplicated keys as faults."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise MappingError(faults.file, [MappingFault(line, "yaml", f"{error.problem or error}")]) from error
    except yaml.YAMLError as error:
        raise MappingError(faults.file, [MappingFault(1, "yaml", str(error).splitlines()[0])]) from error
    if root is None:
        raise MappingError(faults.file, [MappingFault(1, "mapping", "expected keys such as source, found nothing")])
    return _convert(root, "", faults)


def _convert(node: yaml.Node, place: str, faults: Faults) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        quoted = node.style is not None
        empty = not quoted and node.value in ("", "null", "~")
        return Node(None if empty else node.value, line, quoted)
    if isinstance(node, yaml.SequenceNode):
        return Node([_convert(item, place, faults) for item in node.value], line)
    result: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node.value)
        inner = f"{place}.{key}" if place else key
        if key in result:
            faults.add(
                key_node.start_mark.line + 1, inner, f"key {key!r} stands twice, first on line {result[key].line}"
            )
            continue
        result[key] = _convert(value_node, inner, faults)
    return Node(result, line)
