"""Rows of the quarantine that people correct: shown, exported, and read again as one more file of their source."""
