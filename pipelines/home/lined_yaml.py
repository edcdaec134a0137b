"""YAML as nodes with line numbers, so that a fault can name its line. Scalars stay text until `plain` is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pipelines.errors import TierhouseError

MAX_BYTES = 512 << 10
MAX_DEPTH = 50
MAX_NODES = 20_000
"""Bounds of a document: its size, the depth of nested lists and keys, and its number of values. An alias counts as the
values that it stands for."""

TEXT = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG


class YamlFault(TierhouseError):
    """Text that is not YAML, or a duplicate key. `line` is 1-based; `place` is the dotted path of the key."""

    def __init__(self, line: int, place: str, problem: str) -> None:
        super().__init__(problem, line=line, field=place)
        self.line: int = line  # pyrefly: ignore[bad-override-mutable-attribute]  # always known here
        self.place, self.problem = place, problem


@dataclass(frozen=True)
class Node:
    """A YAML value. `value` is a text, None (empty or `null`), a list of nodes, or a dict of nodes by key.

    A text is as the author wrote it: `No`, `01` and `1.0`. `line` is the line of the key, or of the first character.
    """

    value: str | list[Node] | dict[str, Node] | None
    line: int
    tag: str = TEXT

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def get(self, key: str) -> Node | None:
        """The node at the key; None if the key is missing or this node holds no keys."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def __getitem__(self, key: str) -> Node:
        """The node at the key. Raises KeyError if the key is missing."""
        node = self.get(key)
        if node is None:
            raise KeyError(key)
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.value.items() if isinstance(self.value, dict) else ()

    def plain(self) -> Any:
        """Return the value with the types of YAML: `1` is a number, `no` is false. Raises YamlFault for 2025-02-31."""
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
    """Parse a document. Returns its root and a fault per duplicate key; the first value of a duplicate key counts.

    Raises YamlFault if the text is not YAML or exceeds a bound.
    """
    if len(text) > MAX_BYTES:
        raise YamlFault(1, "yaml", f"expected at most {MAX_BYTES >> 10} kB of text, found more")
    try:
        root = yaml.compose(text, Loader=_BoundedLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(mark.line + 1 if mark else 1, "yaml", f"{error.problem or error}") from error
    except yaml.YAMLError as error:
        raise YamlFault(1, "yaml", str(error).splitlines()[0]) from error
    reader = _Reader()
    return (reader.node(root, root.start_mark.line + 1, "") if root else Node(None, 1)), reader.duplicates


class _BoundedLoader(yaml.SafeLoader):
    """Refuses a document that is too deep before Python does, and a document with too many values early."""

    _depth = _nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        self._nodes += 1
        if self._depth > MAX_DEPTH or self._nodes > 2 * MAX_NODES:
            problem = _TOO_DEEP if self._depth > MAX_DEPTH else _TOO_MANY
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_TOO_DEEP = f"expected at most {MAX_DEPTH} nested lists and keys, found more"
_TOO_MANY = f"expected at most {MAX_NODES:,} values, found more; an alias (*) counts as the values that it refers to"


@dataclass
class _Reader:
    """Converts the nodes of PyYAML into ours. An alias can expand to more than the document, and can contain itself."""

    duplicates: list[YamlFault] = field(default_factory=list)
    _nodes: int = 0

    def node(self, node: yaml.Node, line: int, place: str, depth: int = 0, reached: int = 1) -> Node:
        """Convert a node. `reached`: the last line on the path to it. Within an alias, the line of the alias."""
        self._nodes += 1
        reached = max(reached, line)
        if self._nodes > MAX_NODES:
            raise YamlFault(reached, place or "yaml", _TOO_MANY)
        if depth > MAX_DEPTH:
            raise YamlFault(reached, "yaml", _TOO_DEEP)
        if isinstance(node, yaml.ScalarNode):
            is_empty = node.style is None and node.value in ("", "null", "~")
            return Node(None if is_empty else node.value, line, node.tag)
        if isinstance(node, yaml.SequenceNode):
            items = [self.node(item, item.start_mark.line + 1, place, depth + 1, reached) for item in node.value]
            return Node(items, line)
        children: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlFault(key_line, place or "yaml", "expected text as a key, found a list or keys")
            key = key_node.value
            inner = f"{place}.{key}" if place else key
            if key in children:
                problem = f"duplicate key {key!r}, first on line {children[key].line}"
                self.duplicates.append(YamlFault(key_line, inner, problem))
            else:
                children[key] = self.node(value_node, key_line, inner, depth + 1, reached)
        return Node(children, line)
