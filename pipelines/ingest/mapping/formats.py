"""The file formats that a mapping can name.

To add a format, add it here and its reader to `READERS` in `pipelines/ingest/reading/read.py`.
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
