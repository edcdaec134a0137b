"""Each file that was changed from outside is reported by `verify` and by the run that reads it."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from pipelines.home.settings import Settings
from pipelines.integrity.log import LOG, reread
from pipelines.integrity.places import PLACES, Place, place_of
from pipelines.integrity.sums import IntegrityError
from pipelines.integrity.verify import verify
from tests.integration.integrity.readers import READERS, covered, is_read, one_of, read_landing, reported, unread

FLIPS = 300


def test_an_unchanged_home_has_no_faults(made: Settings) -> None:
    result = verify(made.home)
    assert (result.faults, result.changing) == ([], ())
    assert {one.place for one in result.places if not one.files} == set(), "each place has a file to check"
    for read in READERS.values():
        read(made)


def test_three_hundred_flipped_bits_are_all_reported(made: Settings) -> None:
    chance = random.Random(20261130)
    files = [name for name in covered(made) if Path(name).parent.name not in unread(made)]
    read = {name for name in files if is_read(made, name)}
    assert len(unread(made)) == 1, "rows of the other batch that was set aside came again"
    for number in range(FLIPS):
        # Each kind of file alike, so that the many files of publications do not leave the others without a flip.
        place = PLACES[number % len(PLACES)]
        name = chance.choice([one for one in files if place.holds(one)])
        path = made.home / name
        before, state = path.read_bytes(), path.stat()
        content = bytearray(before)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        # A disk that fails changes no time.
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        try:
            assert reported(made) == {name}
            if name in read:
                with pytest.raises(IntegrityError, match=r"expected SHA-256|expected .* bytes"):
                    READERS[Path(name).parts[0]](made)
        finally:
            path.write_bytes(before)
            reread()
    assert reported(made) == set()


def test_flipped_bits_of_the_log_are_reported_with_their_line(made: Settings) -> None:
    log, chance = made.home / LOG, random.Random(7)
    before = log.read_bytes()
    for _ in range(60):
        content = bytearray(before)
        place = chance.randrange(len(content) - 1)
        content[place] ^= 1 << chance.randrange(8)
        log.write_bytes(content)
        try:
            (fault,) = verify(made.home).faults
            assert fault.file == LOG
            assert fault.what.startswith(f"line {before[:place].count(10) + 1}:")
            reread()
            with pytest.raises(IntegrityError, match=LOG):
                read_landing(made)
        finally:
            log.write_bytes(before)
            reread()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_file_that_is_cut_deleted_added_or_exchanged_is_reported(home: Settings, place: Place) -> None:
    first, last = one_of(home, place, last=False), one_of(home, place, last=True)
    copy = first.with_name(f"zz-copy{first.suffix}")
    content = {path: path.read_bytes() for path in {first, last}}
    read = [path for path in content if is_read(home, path.relative_to(home.home).as_posix())]

    def name(path: Path) -> str:
        return path.relative_to(home.home).as_posix()

    def assert_reported(*paths: Path) -> None:
        assert {name(path) for path in paths} <= reported(home)
        if set(paths) & set(read):
            with pytest.raises(IntegrityError):
                READERS[Path(name(first)).parts[0]](home)
        copy.unlink(missing_ok=True)
        for path, before in content.items():
            path.write_bytes(before)
        assert reported(home) == set()

    last.write_bytes(content[last][: len(content[last]) // 2])
    assert_reported(last)
    last.write_bytes(b"")
    assert_reported(last)
    last.unlink()
    assert_reported(last)
    if place_of(name(copy)) is place and place.name != "quarantine":
        copy.write_bytes(content[first])
        assert reported(home) == {name(copy)}
        copy.unlink()
    if first != last:
        first.write_bytes(content[last])
        last.write_bytes(content[first])
        assert_reported(first, last)
