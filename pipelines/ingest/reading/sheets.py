"""One sheet of a workbook as Arrow batches of text columns, each record with its row number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

import pyarrow as pa

from pipelines.ingest.mapping.written_numbers import written_number
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.header import checked_names, find_header
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.reading.workbook import sheet_rows

ROWS_AT_ONCE = 50_000
LOOKED_AT = 100


class _Fraction(str):
    """The text of a cell that is a number with a fraction."""

    __slots__ = ()


class SheetReader:
    """Reads one sheet. `columns` is known at once, `bad_rows` (cells right of the header) after the last batch."""

    marked = is_open = False
    """As of `TextReader`: cells of a workbook are valid text, and its last row is complete."""

    def __init__(self, file: SourceFile) -> None:
        """Raises FileRefused if the sheet has no usable header."""
        rows = sheet_rows(file.name, file.path, file.sheet or "", _Fraction)
        if file.mapping.header is None:
            head = list(islice(rows, LOOKED_AT))
            names, line = find_header(file, head)
            width = max((at for at, name in enumerate(names, 1) if name), default=0)
            self.columns = checked_names(file, names[:width], line)
            self._rows = chain((row for row in head if row[0] > line), rows)
        else:
            self.columns = list(file.mapping.header)
            self._rows = rows
        self._numbers = [at for at, name in enumerate(self.columns) if name in file.mapping.number_columns]
        self.bad_rows: list[BadRow] = []

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of __line, __span (always 1) and the columns, blank text as null."""
        width = len(self.columns)
        while part := list(islice(self._rows, ROWS_AT_ONCE)):
            good = []
            for line, cells in part:
                filled = max((at for at, cell in enumerate(cells, 1) if cell is not None), default=0)
                if filled > width:
                    message = f"expected {width} fields, found {filled}"
                    self.bad_rows.append(BadRow(line, 1, "ragged_row", message))
                else:
                    good.append((line, cells[:width] + [None] * (width - len(cells))))
            for _, cells in good:
                for at in self._numbers:
                    cell = cells[at]
                    cells[at] = written_number(cell) if isinstance(cell, _Fraction) else cell
            arrays = [
                pa.array([line for line, _ in good], pa.int64()),
                pa.array([1] * len(good), pa.int64()),
                *(pa.array([cells[at] for _, cells in good], pa.string()) for at in range(width)),
            ]
            yield pa.RecordBatch.from_arrays(arrays, ["__line", "__span", *self.columns])


def sheet_texts(file: SourceFile, wanted: list[int]) -> Iterator[tuple[int, str]]:
    """Yield number and text of the wanted rows, with tabs between cells."""
    lines = set(wanted)
    for line, cells in sheet_rows(file.name, file.path, file.sheet or ""):
        if line in lines:
            yield line, "\t".join(cell or "" for cell in cells).rstrip("\t")
