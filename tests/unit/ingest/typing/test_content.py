"""What a content hash is taken of: landed rows are known again by it, so it may never change."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping
from pipelines.ingest.typing.row_query import content_sql


@pytest.mark.parametrize("names", [("lead_id", "kind", "topic"), ("topic", "channel", "lead_id", "kind")])
def test_the_content_is_name_and_value_of_the_filled_fields_in_the_order_of_the_mapping(names: tuple[str, ...]) -> None:
    mapping = EntityMapping("interactions", 1, tuple(FieldMapping(name, 1, column=name) for name in names))
    columns = [*names, "extra"]
    given = ", ".join(f"(VALUES ('of {name}'), (NULL)) AS t_{name} ({name})" for name in columns)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT {content_sql(mapping)}, {', '.join(columns)} FROM {given} WHERE lead_id IS NOT NULL"
        ).fetchall()
    assert len(rows) == 2 ** len(names)
    for content, *values in rows:
        filled = [f"{name}={value}" for name, value in zip(columns, values, strict=True) if value is not None]
        assert content == "\x1f".join(filled)
