"""The formats of files and times that a mapping can name.

To add a format of files, add it here and its reader to `READERS` in `pipelines/ingest/reading/read.py`.
"""

from __future__ import annotations

AUTO = "auto"
"""Format, encoding or delimiter that is detected in each file."""

FORMAT_BY_SUFFIX = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}
"""The format of a file by the end of its name, without `.gz`."""

FORMAT_KEYS = {
    "csv": ("delimiter", "encoding", "header"),
    "text": ("encoding", "header"),
    "parquet": (),
    "xlsx": ("header", "sheet"),
}
"""The formats, each with the keys of a mapping that only some formats have. `text`: fields between white space."""

EPOCHS = {"epoch": 10, "epoch_ms": 13}
"""Formats for the seconds or milliseconds since 1970, with their number of digits from 2001 to 2033."""

ROC = "roc"
"""Format for years of the Republic of China: 113/05/01, 1130501, 民國113年5月1日."""

TIME_WORDS = (*EPOCHS, ROC)
"""Words that `format` of a field may have in place of a strptime pattern."""
