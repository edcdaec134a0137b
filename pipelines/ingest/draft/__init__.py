"""Guessing a mapping for a file: its table, what its columns mean, which fields they fill, and the YAML."""

from pipelines.ingest.draft.write import Draft, draft_mapping

__all__ = ["Draft", "draft_mapping"]
