"""YAML with line numbers: text as the author wrote it, lines of keys, faults with their place."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.home.lined_yaml import YamlFault, load_nodes

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))
SCALARS = st.none() | st.booleans() | st.integers() | WORDS | st.dates()
CONTENT = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=12)


@given(CONTENT, st.booleans())
def test_plain_values_are_those_of_yaml(content: object, flow: bool) -> None:
    text = yaml.safe_dump(content, default_flow_style=flow, allow_unicode=True)
    root, duplicates = load_nodes(text)
    assert root.plain() == yaml.safe_load(text) == content
    assert not duplicates


def test_text_is_as_written_until_plain_is_called() -> None:
    root, _ = load_nodes("a: No\nb: 01\nc: 1.0\nd:\ne: 'null'\nf: 2025-03-07\n")
    assert [node.value for _, node in root.items()] == ["No", "01", "1.0", None, "null", "2025-03-07"]
    assert list(root.plain().values()) == [False, 1, 1.0, None, "null", date(2025, 3, 7)]


def test_a_value_has_the_line_of_its_key_and_an_item_its_own() -> None:
    root, _ = load_nodes("# first\nfiles:\n  - path: |\n      x\n  - y\n")
    files = root.value["files"]
    assert (root.line, files.line) == (2, 2)
    assert [item.line for item in files.value] == [3, 5]
    assert files.value[0].value["path"].line == 3


def test_a_duplicate_key_is_reported_and_its_first_value_counts() -> None:
    root, duplicates = load_nodes("a:\n  b: 1\n  b: 2\na: 3\n")
    assert [str(fault) for fault in duplicates] == [
        "line 3, a.b: duplicate key 'b', first on line 2",
        "line 4, a: duplicate key 'a', first on line 1",
    ]
    assert root.plain() == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [1\n", 3), ("a: 1\nb: *gone\n", 2), ("a: b: c\n", 1), ("a: \x07\n", 1)]
)
def test_text_that_is_not_yaml_is_reported_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlFault) as caught:
        load_nodes(text)
    assert (caught.value.line, caught.value.place) == (line, "yaml")


def test_a_value_that_yaml_cannot_read_is_reported_with_its_line() -> None:
    root, _ = load_nodes("a: 1\nb: 2025-02-31\n")
    with pytest.raises(YamlFault, match=r"^line 2, yaml: '2025-02-31' cannot be read: day"):
        root.plain()


def test_an_empty_document_is_an_empty_node() -> None:
    root, duplicates = load_nodes("# nothing\n")
    assert (root.value, root.line, duplicates) == (None, 1, [])


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (BOMB, 5, "expected at most 20,000 values"),
        ("a: &a\n- *a\n", 1, "expected at most 50 nested lists and keys"),
        ("a: &a {b: *a}\n", 1, "expected at most 50 nested lists and keys"),
        (f"x: 1\na: {'[' * 60}{']' * 60}\n", 2, "expected at most 50 nested lists and keys"),
        (f"a: {'[' * 100_000}\n", 1, "expected at most 50 nested lists and keys"),
        (f"a: {'{b: ' * 100_000}\n", 1, "expected at most 50 nested lists and keys"),
        ("".join(f"{' ' * depth}k:\n" for depth in range(500)), 50, "expected at most 50 nested lists and keys"),
        ("- " * 10_000, 1, "expected at most 50 nested lists and keys"),
        ("? " * 10_000, 1, "expected at most 50 nested lists and keys"),
        ("# " + "x" * (1 << 20), 1, "expected at most 512 kB of text"),
        (BOMB + "? *i\n: x\n", 5, "expected at most 20,000 values"),
        ("b: 1\n? [a, b]\n: x\n", 2, "expected text as a key, found a list or keys"),
        ("".join(f"k{n}: v\n" for n in range(25_000)), 20_000, "expected at most 20,000 values"),
        ("a: *b\n", 1, "found undefined alias"),
    ],
    ids=range(14),
)
def test_a_document_beyond_a_bound_is_refused_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(YamlFault) as caught:
        load_nodes(text)
    assert (caught.value.line, problem in caught.value.problem) == (line, True), caught.value


def test_many_values_and_small_aliases_are_read() -> None:
    root, _ = load_nodes("a: &a {b: c}\nd: [*a, *a]\nvalues:\n" + "".join(f"  w{n}: sale\n" for n in range(5_000)))
    assert root.plain()["d"] == [{"b": "c"}, {"b": "c"}]
    assert len(root.value["values"].value) == 5_000
