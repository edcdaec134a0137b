"""YAML as nodes that know their line, so that every fault can name it. Scalars stay text until `plain` is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

TEXT = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG


class YamlFault(ValueError):
    """Text that is not YAML, or a key given twice: 1-based line, dotted place, what is wrong."""

    def __init__(self, line: int, place: str, problem: str) -> None:
        self.line, self.place, self.problem = line, place, problem
        super().__init__(f"line {line}, {place}: {problem}")


@dataclass(frozen=True)
class Node:
    """A YAML value: `value` is text, None (empty or `null`), a list of nodes, or a dict of nodes by text key.

    Text is what the author wrote: `No`, `01` and `1.0`. `line`: that of its key, else where it begins.
    """

    value: str | list[Node] | dict[str, Node] | None
    line: int
    tag: str = TEXT

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.value.items() if isinstance(self.value, dict) else ()

    def plain(self) -> Any:
        """The value in the types of YAML: `1` is a number, `no` is false. Raises YamlFault, such as for 2025-02-31."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if self.value is None:
            return None
        try:
            return yaml.constructor.SafeConstructor().construct_document(yaml.ScalarNode(self.tag, self.value))
        except (ValueError, yaml.YAMLError) as error:
            raise YamlFault(self.line, "yaml", f"{self.value!r} cannot be read: {error}") from error


def load_nodes(text: str) -> tuple[Node, list[YamlFault]]:
    """The document, and a fault for each key given twice, whose first value stands. Raises YamlFault if not YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(mark.line + 1 if mark else 1, "yaml", f"{error.problem or error}") from error
    except yaml.YAMLError as error:
        raise YamlFault(1, "yaml", str(error).splitlines()[0]) from error
    twice: list[YamlFault] = []
    return (_node(root, root.start_mark.line + 1, "", twice) if root else Node(None, 1)), twice


def _node(node: yaml.Node, line: int, place: str, twice: list[YamlFault]) -> Node:
    if isinstance(node, yaml.ScalarNode):
        is_empty = node.style is None and node.value in ("", "null", "~")
        return Node(None if is_empty else node.value, line, node.tag)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(item, item.start_mark.line + 1, place, twice) for item in node.value], line)
    found: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key, key_line = str(key_node.value), key_node.start_mark.line + 1
        inner = f"{place}.{key}" if place else key
        if key in found:
            twice.append(YamlFault(key_line, inner, f"key {key!r} stands twice, first on line {found[key].line}"))
        else:
            found[key] = _node(value_node, key_line, inner, twice)
    return Node(found, line)
