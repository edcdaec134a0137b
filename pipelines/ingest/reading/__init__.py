"""Files → rows of text.

`read` chooses the reader of a format, `text` reads CSV and white-space files, `sheets` and `workbook` read workbooks,
`files` finds and opens files, `sniff` detects encodings and delimiters, `header` finds the column names, and `bounds`
limits what a file may demand. To add a format, begin in `pipelines/ingest/mapping/formats.py`.
"""
