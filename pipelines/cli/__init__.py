"""The command line `tierhouse`: one module per command group, and what it prints."""
