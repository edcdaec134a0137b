"""Text files as Arrow batches of trimmed text columns. Each record has its physical line and its number of lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as pa_csv

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.bounds import MAX_RAGGED_ROWS
from pipelines.ingest.reading.files import READ_ERRORS, SourceFile, Utf8Stream, refuse_unreadable

pc: Any = pyarrow.compute
"""Most functions of this module are created on import, where a type checker cannot see them."""

BLOCK_BYTES = 4 << 20
ENDING = "\x1etierhouse end of file"
"""Added after the last record. A parser that does not meet it is still inside a quoted field."""


@dataclass(frozen=True)
class BadRow:
    """A record that cannot be mapped to any entity of its file. It is quarantined for each of them."""

    line: int
    span: int
    rule: str
    message: str


@dataclass
class TextReader:
    """Reads the records of one CSV or white-space file in one thread, so that record numbers are exact."""

    file: SourceFile
    columns: list[str]
    header_lines: int
    bad_rows: list[BadRow] = field(default_factory=list)
    marked: bool = False
    is_open: bool = False
    """Whether the file ends within a line. Known after the last batch."""

    _skipped: list[tuple[int, int, int]] = field(default_factory=list)
    """Records with another number of fields: ordinal below the header from 0, line breaks inside, fields found."""
    _good: int = 0
    _breaks: int = 0
    _breaks_in_skipped: int = 0
    _ended: bool = False
    _last_line: int = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of __line (1-based), __span and the columns, blank text as null. Raises FileRefused.

        `bad_rows` is complete after the last batch. `marked` says whether a batch so far may contain bytes that are no
        text.
        """
        split = self.file.mapping.format == "text"
        stream = Utf8Stream(self.file, b"" if split else self._ending())
        try:
            for batch in self._open(stream, split):
                self.marked = stream.marked
                yield self._split(batch) if split else self._located(batch)
        except READ_ERRORS as error:
            raise refuse_unreadable(self.file.name, error, self._last_line or None) from error
        except pa.ArrowInvalid as error:
            if len(self._skipped) > MAX_RAGGED_ROWS + self._good:
                raise FileRefused(self.file.name, f"{self._too_ragged()}: is it the delimiter?") from error
            if "Empty CSV" not in str(error):
                raise self._not_csv(error) from error
        finally:
            self.marked, self.is_open = stream.marked, stream.is_open
            stream.close()
        if not split:
            self._finish()

    def _open(self, stream: Utf8Stream, split: bool) -> pa_csv.CSVStreamingReader:
        names = ["line"] if split else self.columns
        return pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(
                column_names=names, skip_rows=self.header_lines, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter="\x01" if split else self.file.mapping.delimiter,
                quote_char=False if split else '"',
                newlines_in_values=not split,
                ignore_empty_lines=False,
                invalid_row_handler=self._skip,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _ending(self) -> bytes:
        """The added record, with another number of fields than columns, so that the parser reports it as ragged."""
        fields = 1 if len(self.columns) != 1 else 2
        return ("\n" + self.file.mapping.delimiter.join([ENDING] * fields) + "\n").encode()

    def _skip(self, row: pa_csv.InvalidRow) -> str:
        if row.text.startswith(ENDING):
            self._ended = True
        else:
            ordinal = row.number - self.header_lines - 1
            self._skipped.append((ordinal, _line_breaks(row.text), row.actual_columns))
            if len(self._skipped) > MAX_RAGGED_ROWS + self._good:
                return "error"
        return "skip"

    def _located(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        good = np.arange(self._good, self._good + batch.num_rows)
        skipped = np.array([ordinal for ordinal, _, _ in self._skipped], dtype=np.int64)
        ordinals = good + np.searchsorted(skipped - np.arange(len(skipped)), good, side="right")
        inside = _breaks_inside(batch)
        before = self._breaks + np.cumsum(inside) - inside
        skipped_breaks = np.concatenate([[0], np.cumsum([breaks for _, breaks, _ in self._skipped], dtype=np.int64)])
        lines = self.header_lines + 1 + ordinals + before + skipped_breaks[np.searchsorted(skipped, ordinals)]
        self._locate_skipped(ordinals, before)
        self._good += batch.num_rows
        self._breaks += int(inside.sum())
        self._last_line = int(lines[-1]) if len(lines) else self._last_line
        return _with_lines(lines, inside + 1, [_trimmed(column) for column in batch.columns], self.columns)

    def _locate_skipped(self, ordinals: np.ndarray, before: np.ndarray) -> None:
        """Add the ragged records up to the end of this batch, with their lines, to `bad_rows`."""
        end = ordinals[-1] if len(ordinals) else -1
        while len(self.bad_rows) < len(self._skipped) and self._skipped[len(self.bad_rows)][0] < end:
            at = np.searchsorted(ordinals, self._skipped[len(self.bad_rows)][0])
            self._add_ragged(int(before[at]))

    def _add_ragged(self, breaks_in_good: int) -> None:
        ordinal, breaks, found = self._skipped[len(self.bad_rows)]
        line = self.header_lines + 1 + ordinal + breaks_in_good + self._breaks_in_skipped
        self._breaks_in_skipped += breaks
        message = f"expected {len(self.columns)} fields, found {found}"
        self.bad_rows.append(BadRow(line, breaks + 1, "ragged_row", message))

    def _finish(self) -> None:
        while len(self.bad_rows) < len(self._skipped):
            self._add_ragged(self._breaks)
        if not self._ended:
            start = max([self._last_line, *(row.line for row in self.bad_rows[-1:])])
            raise FileRefused(self.file.name, "a quote that opens here is never closed", line=start)

    def _not_csv(self, error: pa.ArrowInvalid) -> FileRefused:
        reason = (
            "expected records below 4 MB, found a longer one: a quote is not closed"
            if "block" in str(error)
            else f"expected {len(self.columns)} columns of CSV, found something else"
        )
        return FileRefused(self.file.name, reason, line=self._last_line + 1 if self._last_line else None)

    def _split(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Split the lines into fields between white space."""
        lines = np.arange(self._good, self._good + batch.num_rows) + self.header_lines + 1
        self._good += batch.num_rows
        self._last_line = self._good + self.header_lines
        parts = pc.utf8_split_whitespace(_trimmed(batch.column(0)))
        counts = pc.fill_null(pc.list_value_length(parts), 0).to_numpy(zero_copy_only=False)
        whole = counts == len(self.columns)
        if np.count_nonzero(~whole & (counts > 0)) + len(self.bad_rows) > MAX_RAGGED_ROWS + self._good:
            raise FileRefused(self.file.name, self._too_ragged())
        for at in np.flatnonzero(~whole & (counts > 0)):
            message = f"expected {len(self.columns)} fields, found {counts[at]}"
            self.bad_rows.append(BadRow(int(lines[at]), 1, "ragged_row", message))
        records = parts.filter(pa.array(whole))
        fields = [pc.list_element(records, position) for position in range(len(self.columns))]
        return _with_lines(lines[whole], np.ones(int(whole.sum()), dtype=np.int64), fields, self.columns)

    def _too_ragged(self) -> str:
        return f"expected {len(self.columns)} fields, found another number in over {MAX_RAGGED_ROWS:,} lines"


def _with_lines(lines: np.ndarray, spans: np.ndarray, fields: list[pa.Array], names: list[str]) -> pa.RecordBatch:
    arrays = [pa.array(lines, pa.int64()), pa.array(spans, pa.int64()), *fields]
    return pa.RecordBatch.from_arrays(arrays, ["__line", "__span", *names])


def _trimmed(column: pa.Array) -> pa.Array:
    """Text without white space around it; null if it is blank."""
    if not _may_have_edges(column):
        return column
    column = pc.utf8_trim_whitespace(column)
    blank = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(blank, None, column) if pc.any(blank).as_py() else column


def _may_have_edges(column: pa.Array) -> bool:
    """Whether a value may begin or end with white space: a fast test of bytes, true for every non-ASCII edge."""
    if column.buffers()[2] is None:
        return False
    ends = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    filled = ends[1:] > ends[:-1]
    text = np.frombuffer(column.buffers()[2], dtype=np.uint8)
    edges = np.concatenate([text[ends[:-1][filled]], text[ends[1:][filled] - 1]])
    return bool(((edges <= ord(" ")) | (edges > 127)).any())


def _line_breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _breaks_inside(batch: pa.RecordBatch) -> np.ndarray:
    """Count the line breaks inside the quoted fields of each record."""
    total = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        data = column.buffers()[2]
        raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
        if not ((raw == 10) | (raw == 13)).any():
            continue
        for pattern, sign in (("\n", 1), ("\r", 1), ("\r\n", -1)):
            total += sign * pc.fill_null(pc.count_substring(column, pattern), 0).to_numpy(zero_copy_only=False)
    return total
