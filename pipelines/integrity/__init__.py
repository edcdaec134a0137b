"""The checksum log of a home: runs and `tierhouse verify` compare the files with it."""
