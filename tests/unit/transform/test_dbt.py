"""The manifest of the dbt project is refused where the checkout has moved on."""

import json

import pytest

from pipelines.transform import dbt


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one model and one seed, parsed."""
    manifest = tmp_path / "target" / "manifest.json"
    paths = {"model": "models/staging/stg_leads.sql", "seed": "seeds/rules/tiers.csv"}
    for path in [*paths.values(), "target/manifest.json"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    nodes = {path: {"resource_type": kind, "original_file_path": path} for kind, path in paths.items()}
    manifest.write_text(json.dumps({"nodes": nodes}))
    monkeypatch.setattr(dbt, "DBT_PROJECT", tmp_path)
    monkeypatch.setattr(dbt, "MANIFEST", manifest)
    dbt.manifest.cache_clear()
    yield tmp_path
    dbt.manifest.cache_clear()


def test_an_edited_rule_or_model_needs_no_new_manifest(project):
    (project / "seeds/rules/tiers.csv").write_text("edited")
    assert dbt.manifest() == project / "target" / "manifest.json"


@pytest.mark.parametrize("path", ["models/staging/stg_new.sql", "seeds/rules/new.csv"])
def test_a_model_or_seed_that_came_with_an_update_asks_for_make_install(project, path):
    (project / path).write_text("")
    with pytest.raises(dbt.NotPrepared, match=rf"{path}.*make install"):
        dbt.manifest()


def test_a_model_that_went_asks_for_make_install(project):
    (project / "models/staging/stg_leads.sql").unlink()
    with pytest.raises(dbt.NotPrepared, match="make install"):
        dbt.manifest()
