"""Reading ahead changes only when an item is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.reading.ahead import read_ahead


@given(st.lists(st.integers()))
def test_items_come_in_their_order_and_all_of_them(items):
    assert list(read_ahead(iter(items))) == items


def test_the_next_item_is_made_while_the_current_item_is_used():
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    ahead = read_ahead(items())
    assert next(ahead) == 1
    assert made.wait(10)
    assert list(ahead) == [2]


def test_an_error_in_making_an_item_is_raised_when_it_is_taken():
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("line 7")

    ahead = read_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="line 7"):
        next(ahead)


def test_a_reader_that_stops_leaves_no_thread():
    before = threading.active_count()
    ahead = read_ahead(iter(range(1000)))
    assert next(ahead) == 0
    ahead.close()
    assert threading.active_count() == before
