"""Files to rows of text: encodings, delimiters, headers, workbooks."""
