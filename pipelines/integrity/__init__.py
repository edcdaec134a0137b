"""Whether the home still holds what was written: one log of checksums, checked by runs and by `tierhouse verify`."""
