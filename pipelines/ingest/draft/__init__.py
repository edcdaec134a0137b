"""Drafts a mapping for files: reads tables, finds the meanings of columns, maps them to fields, writes YAML."""

from pipelines.ingest.draft.write import Draft, draft_mapping

__all__ = ["Draft", "draft_mapping"]
