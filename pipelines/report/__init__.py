"""The report of a publication: one HTML page for everyone, and one page per agent with the work list to print.

Reads the DuckDB file of one published version and nothing else. `sections/` has the parts below the first screen.
"""
