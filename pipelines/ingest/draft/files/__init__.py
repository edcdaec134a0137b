"""The files of a source: what each of them is drafted to, and how they refer to each other."""
