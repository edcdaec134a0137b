"""The list of published tables follows the folder `marts`, and every table has expectations."""

from __future__ import annotations

import pytest

from pipelines.gates.suites import load_suite
from pipelines.home.settings import DBT_PROJECT
from pipelines.publish import tables
from pipelines.publish.tables import published_tables


def test_every_model_in_marts_is_a_published_table() -> None:
    files = {file.stem for file in (DBT_PROJECT / "models" / "marts").rglob("*.sql")}
    assert set(published_tables()) == files


def test_every_published_table_has_a_suite_in_its_gate() -> None:
    suites = {suite.table for suite in load_suite("published").tables}
    assert suites == {*published_tables(), "outward"}


def test_a_published_table_without_a_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    meta = {"config": {"meta": {"order_by": ["as_of"]}}, "schema": "marts"}
    models = [
        {"name": "publication", "columns": {"publication_rows": {}}, **meta},
        {"name": "uncounted", "columns": {"as_of": {}}, **meta},
    ]
    monkeypatch.setattr(tables, "manifest_models", lambda: models)
    with pytest.raises(KeyError, match="uncounted"):
        published_tables.__wrapped__()
