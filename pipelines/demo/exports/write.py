"""Writes tables to files. Equal tables give identical files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

GZIP_LEVEL = 4


def write_table(frame: pd.DataFrame, path: Path) -> int:
    """Write a frame in the format of the suffix (.csv, .csv.gz, .parquet) and return its number of rows.

    The file gets its name when it is complete. Null becomes an empty field. Raises pyarrow.ArrowInvalid for a text that
    needs quotes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    table = _days_as_dates(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None))
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as sink:
        if path.suffix == ".parquet":
            pq.write_table(table, sink)
        else:
            sink.write(_compressed(_csv(table)) if path.suffix == ".gz" else _csv(table))
    unfinished.replace(path)
    return table.num_rows


def _days_as_dates(table: pa.Table) -> pa.Table:
    """Write timestamps as dates: pandas has no type for dates, and all timestamps here are days."""
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(number, field.name, table.column(number).cast(pa.date32()))
    return table


def _csv(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    sink.write((",".join(table.column_names) + "\n").encode())
    pacsv.write_csv(table, sink, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    return sink.getvalue().to_pybytes()


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=GZIP_LEVEL, mtime=0)
