"""Templates of known systems. To add a system, add `<system>.yml`; `read.py` explains how templates are applied.

A field of a template is a column, or one of: `first` (the first of several columns that has a value), `join` with `by`
(several columns as one text), `words` or `first` with `codes` (known words as codes; other words are kept, or become
`else`), `value`, and `expr` with quoted columns; of a list, the first that the export can fill. `stages` lists the
words of a column that `ignore` knows: other words are a doubt. A field whose columns are missing in the export is left
out.
"""
