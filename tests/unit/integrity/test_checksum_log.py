"""The checksum log: a kill at any moment leaves it readable, and the next run settles open files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.integrity import log
from pipelines.integrity.log import LOG, LogDamaged, accept, changing, read_log, settled
from pipelines.integrity.verify import covered, verify


class Killed(BaseException):
    """Simulates the end of the process."""


def entry(home: Path, number: int = 1) -> Path:
    path = home / "ledger" / "grades" / "as_of=2026-06-01" / f"{number:04d}-abc.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write(home: Path, number: int = 1, content: str = "rows") -> Path:
    path = entry(home, number)
    with changing(home, path):
        path.write_text(content)
    return path


def name(home: Path, path: Path) -> str:
    return path.relative_to(home).as_posix()


def test_the_log_has_written_replaced_and_deleted_files(tmp_path):
    path = write(tmp_path)
    assert read_log(tmp_path).files[name(tmp_path, path)].bytes == 4
    write(tmp_path, content="others")
    assert read_log(tmp_path).files[name(tmp_path, path)].bytes == 6
    with changing(tmp_path, path):
        path.unlink()
    assert read_log(tmp_path).files == {name(tmp_path, path): None}
    assert verify(tmp_path).faults == []


def test_a_home_without_files_needs_no_log(tmp_path):
    with settled(tmp_path) as (unsettled, lines):
        assert (unsettled, lines) == (frozenset(), [])
    assert read_log(tmp_path) is None


@pytest.mark.parametrize("is_written", [True, False])
def test_a_kill_while_a_file_is_written_is_settled_by_the_next_run(tmp_path, monkeypatch, is_written):
    whole, path = write(tmp_path, 1), entry(tmp_path, 2)

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(log, "_sums", killed)
        with pytest.raises(Killed), changing(tmp_path, path):
            if is_written:
                path.write_text("rows")
    assert verify(tmp_path).changing == (name(tmp_path, path),)
    assert verify(tmp_path).faults == []
    with settled(tmp_path) as (unsettled, lines):
        assert unsettled == {name(tmp_path, path)}
        assert lines == [f"{LOG}: settled 1 files that a killed process was writing"]
    assert verify(tmp_path).changing == ()
    known = {file for file, one in read_log(tmp_path).files.items() if one}
    assert known == {name(tmp_path, one) for one in ([whole, path] if is_written else [whole])}


@pytest.mark.parametrize("kept", [1, 70, -2])
def test_a_half_written_line_of_a_killed_process_is_removed(tmp_path, kept):
    path = write(tmp_path)
    lines = (tmp_path / LOG).read_bytes().splitlines(keepends=True)
    (tmp_path / LOG).write_bytes(b"".join(lines[:-1]) + lines[-1][:kept])
    assert verify(tmp_path).changing == (name(tmp_path, path),)
    with settled(tmp_path):
        pass
    assert (verify(tmp_path).faults, verify(tmp_path).changing) == ([], ())
    write(tmp_path, 2)
    assert read_log(tmp_path).lines == 4


def test_processes_that_write_together_do_not_break_the_chain(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(tmp_path, number), range(1, 41)))
    assert (read_log(tmp_path).lines, len(read_log(tmp_path).files)) == (80, 40)
    assert verify(tmp_path).faults == []


@pytest.mark.parametrize("change", ["delete", "exchange", "double"])
def test_lines_that_are_deleted_exchanged_or_doubled_break_the_chain(tmp_path, change):
    for number in range(1, 4):
        write(tmp_path, number)
    lines = (tmp_path / LOG).read_bytes().splitlines(keepends=True)
    changed = {
        "delete": [*lines[:2], *lines[3:]],
        "exchange": [lines[0], lines[2], lines[1], *lines[3:]],
        "double": [*lines, lines[-1]],
    }[change]
    (tmp_path / LOG).write_bytes(b"".join(changed))
    with pytest.raises(LogDamaged, match=r"line \d: expected a line that continues"):
        read_log(tmp_path)
    with pytest.raises(LogDamaged):
        write(tmp_path, 9)


def test_an_accepted_file_is_no_fault_and_the_reason_is_stored(tmp_path):
    changed, gone = write(tmp_path, 1), write(tmp_path, 2)
    changed.write_text("others")
    gone.unlink()
    assert covered(tmp_path, "ledger/grades") == [name(tmp_path, path) for path in (changed, gone)]
    accept(tmp_path, covered(tmp_path, "ledger"), "the disk was full")
    assert verify(tmp_path).faults == []
    assert (tmp_path / LOG).read_text().count("the disk was full") == 1
    changed.write_text("others again")
    assert [fault.file for fault in verify(tmp_path).faults] == [name(tmp_path, changed)]


def test_a_damaged_log_is_kept_beside_the_new_log(tmp_path):
    write(tmp_path)
    (tmp_path / LOG).write_bytes(b"?" + (tmp_path / LOG).read_bytes()[1:])
    assert [fault.file for fault in verify(tmp_path).faults] == [LOG]
    accept(tmp_path, [LOG], "restored by hand")
    assert verify(tmp_path).faults == []
    (old,) = tmp_path.glob(f"{LOG}.*")
    assert old.read_bytes().startswith(b"?")
