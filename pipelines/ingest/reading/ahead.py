"""Makes the next item in another thread while the caller uses the current item."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield the same items in the same order, and make the next item in another thread meanwhile.

    An error in making an item is raised when the caller takes the item. At most one item waits. Closing the generator
    stops it after the item that is being made.
    """
    with ThreadPoolExecutor(max_workers=1) as maker:
        following = maker.submit(next, items, None)
        while (item := following.result()) is not None:
            following = maker.submit(next, items, None)
            yield item
