"""The sections below the first screen. Each module has one function `(connection) -> Section`; `all.py` lists them."""
