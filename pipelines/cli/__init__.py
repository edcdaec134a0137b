"""The command line `tierhouse`: one module per group of commands; `show` prints reports."""
