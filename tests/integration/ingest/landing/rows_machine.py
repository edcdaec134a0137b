"""Random lives of a source's files against a plain list of deliveries: which rows must be live after each step."""

from __future__ import annotations

import gzip
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pipelines.ingest import landing
from pipelines.ingest.batches import staged
from pipelines.ingest.landing import commits
from pipelines.ingest.landing.balance import unbalanced
from pipelines.ingest.stage import stage_sources
from tests.ingest_home import NOW, SALES, UNKEYED, IngestHome
from tests.integration.ingest.landing.rows_oracle import Delivery, Oracle

NAMES = ("a.csv", "b.csv", "d.csv", "e.csv.gz")
IMPLIED = "      leads: {implied: true, lead_id: customer, created_at: day}\n"
REMAPPED = "        agent_id: {value: anyone}\n"
HEADER = "id,customer,day,price"
ROW = st.builds(
    "{},{},2025-01-0{},{}".format, st.integers(1, 6), st.sampled_from("AB"), st.integers(1, 2), st.integers(1, 2)
)
ROWS = st.lists(ROW, min_size=1, max_size=5)


class Killed(BaseException):
    """Simulates the end of the process."""


class RowsMachine(RuleBasedStateMachine):
    """Files come, change, go and are rejected. After each commit and rejection landing has the expected rows."""

    @initialize(rows=ROWS, kind=st.sampled_from(["daily", "history", "without ids"]))
    def start(self, rows: list[str], kind: str) -> None:
        self.history, self.keyed = kind == "history", kind != "without ids"
        self.folder = tempfile.TemporaryDirectory(prefix="tierhouse-rows-")
        self.home = IngestHome.at(Path(self.folder.name))
        self.files: dict[str, tuple[str, ...]] = {}
        self.oracle = Oracle()
        self.mapping, self.day = 0, 0
        self._map()
        self._put("a.csv", rows)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(name=st.sampled_from(NAMES), rows=ROWS)
    def deliver(self, name: str, rows: list[str]) -> None:
        self._put(name, rows)

    @rule(name=st.sampled_from(NAMES), rows=ROWS)
    def grow(self, name: str, rows: list[str]) -> None:
        self._put(name, [*self.files.get(name, ()), *rows])

    @rule(name=st.sampled_from(NAMES), at=st.integers(0, 4), row=ROW)
    def mend(self, name: str, at: int, row: str) -> None:
        if lines := list(self.files.get(name, ())):
            lines[at % len(lines)] = row
            self._put(name, lines)

    @rule(name=st.sampled_from(NAMES))
    def cut(self, name: str) -> None:
        if len(lines := self.files.get(name, ())) > 1:
            self._put(name, lines[: len(lines) // 2])

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES), moved=st.booleans())
    def resend(self, name: str, other: str, moved: bool) -> None:
        if name in self.files and name != other:
            self._put(other, self.files[name])
            if moved:
                self._remove(name)

    @precondition(lambda self: len(self.files) > 1)
    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        if name in self.files and len(self.files) > 1:
            self._remove(name)

    @rule()
    def edit_mapping(self) -> None:
        self.mapping = 1 - self.mapping
        self._map()

    @rule()
    def run(self) -> None:
        self._commit(self._stage())

    @rule(rows=ROWS)
    def run_while_a_file_is_written(self, rows: list[str]) -> None:
        names = self.oracle.to_read(self.files, self.mapping)
        if not names:
            return

        def write(said: str) -> None:
            if said == f"shop: {names[0]}":
                self._put(names[0], [*self.files[names[0]], *rows])

        self._commit(self._stage(write, without=names[0]))

    @rule(after_move=st.booleans())
    def run_that_is_killed(self, after_move: bool) -> None:
        report = self._stage()
        if report.batch is None:
            return
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(commits, "write_atomically" if after_move else "_move", _kill)
            with pytest.raises(Killed):
                landing.commit(self.home.settings, [report.batch])
        self._check()

    @rule(at=st.integers(0, 5))
    def reject(self, at: int) -> None:
        batches = sorted({(one.seq, one.batch) for one in self.oracle.live})
        if batches:
            batch = batches[at % len(batches)][1]
            landing.reject(self.home.settings, batch, "wrong")
            self.oracle.rejected.add(batch)
            self._check()

    @rule()
    def reject_staged(self) -> None:
        report = self._stage()
        if report.batch is not None:
            (batch,) = staged(self.home.settings)
            self.oracle.never_committed.append(
                [(one.file, self.files[one.file], self.mapping, batch.batch) for one in batch.files]
            )
            landing.reject(self.home.settings, batch.batch, "wrong")
            self.oracle.rejected.add(batch.batch)
            self._check()

    def _map(self) -> None:
        more = f"currency: CNY\nquarantine_bar: 1\nhistory: {str(self.history).lower()}"
        head, entry = (SALES if self.keyed else UNKEYED).replace("currency: CNY", more).split("files:\n")
        entry += (REMAPPED if self.mapping else "") + IMPLIED
        self.home.mapping(f"{head}files:\n{entry}{entry.replace('*.csv', '*.csv.gz')}")

    def _put(self, name: str, lines: list[str] | tuple[str, ...]) -> None:
        self.files[name] = tuple(lines)
        content = "\n".join([HEADER, *lines, ""]).encode()
        self.home.raw(gzip.compress(content, mtime=0) if name.endswith(".gz") else content, name)

    def _remove(self, name: str) -> None:
        del self.files[name]
        (self.home.settings.home / "raw" / "shop" / name).unlink()

    def _stage(self, progress=lambda _: None, without: str | None = None):
        self.day += 1
        expected = [one for one in self.oracle.to_read(self.files, self.mapping) if one != without]
        read = {one: self.files[one] for one in expected}
        (report,) = stage_sources(self.home.settings, NOW + timedelta(days=self.day), progress)
        refused = [
            one.file
            for one in report.refused
            if "no file below" not in one.reason and "rejected with batch" not in one.reason
        ]
        assert refused == ([without] if without else [])
        assert sorted(one.file for one in report.batch.files) == expected if report.batch else not expected
        for row in report.files:
            assert row.lines == row.accepted + row.quarantined + row.known, row
            assert row.file not in read or row.lines == len(read[row.file])
        return report

    def _commit(self, report) -> None:
        if report.batch is None:
            return
        (batch,) = landing.commit(self.home.settings, [report.batch])
        for record in batch.files:
            lines = self.files[record.file]
            before = self.oracle.latest(record.file)
            place = before.place if before is not None and before.lines == lines else batch.seq
            self.oracle.deliveries.append(Delivery(batch.batch, batch.seq, place, record.file, lines, self.mapping))
        self._check()

    def _check(self) -> None:
        content = "lead_id || ',' || day || ',' || CAST(CAST(amount AS INTEGER) AS VARCHAR)"
        dated = "SELECT *, strftime(occurred_at + INTERVAL 8 HOUR, '%Y-%m-%d') AS day FROM landing.transactions"
        rows = self.home.query(f"SELECT row_key, day, {content} FROM ({dated}) ORDER BY revision, known_at, batch_seq")
        found: dict[str, dict[str, str]] = {}
        for key, day, one in rows:
            before = {at: other for at, other in found.get(key, {}).items() if at < day}
            found[key] = before | {day: one} if self.history else {"": one}
        if self.keyed:
            assert found == self.oracle.rows(history=self.history)
        else:
            repeated = self.home.query(f"SELECT {content}, count(DISTINCT row_key) FROM ({dated}) GROUP BY 1")
            assert dict(repeated) == self.oracle.repetitions()
        versions = "SELECT count(*), count(DISTINCT (row_key, known_at, batch_seq, revision)) FROM landing.transactions"
        ((rows_there, distinct),) = self.home.query(versions)
        assert rows_there == distinct, "no version is there twice"
        leads = self.home.query(
            "SELECT row_key, count(*) = count(DISTINCT (batch_seq, revision)) FROM landing.leads GROUP BY 1"
        )
        assert {key for key, _ in leads} == self.oracle.leads()
        assert all(single for _, single in leads)
        assert unbalanced(self.home.settings) == []


def _kill(*_: object) -> None:
    raise Killed
