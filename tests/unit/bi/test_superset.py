"""The assets of Superset: references hold, and queries run on tables as the contracts say.

`make lint` checks that the files are those that `bi/superset/build.py` writes.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bi.superset.build import ASSETS
from bi.superset.bundle import DATABASE, for_database, pack
from bi.superset.charts import PAGES, read_page
from bi.superset.datasets import MANIFEST, empty_schema

DUCKDB, POSTGRESQL = "duckdb:////srv/it's here/tierhouse.duckdb", "postgresql+psycopg2://reader:p%40ss@db/bi?a=1#x: y"


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    """Path → content of each file of `assets/`."""
    return {
        path.relative_to(ASSETS).as_posix(): yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        for path in ASSETS.rglob("*.yaml")
    }


def of_kind(files: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [content for path, content in files.items() if path.startswith(f"{kind}/")]


def test_every_uuid_is_unique_and_every_reference_leads_to_a_file(files: dict[str, Any]) -> None:
    uuids = Counter(content["uuid"] for path, content in files.items() if path != "metadata.yaml")
    assert {uuid: count for uuid, count in uuids.items() if count > 1} == {}
    databases, datasets, charts = (
        {one["uuid"] for one in of_kind(files, kind)} for kind in ("databases", "datasets", "charts")
    )
    assert {one["database_uuid"] for one in of_kind(files, "datasets")} == databases
    assert {one["dataset_uuid"] for one in of_kind(files, "charts")} <= datasets
    placed: list[str] = []
    for dashboard in of_kind(files, "dashboards"):
        blocks = [block for block in dashboard["position"].values() if isinstance(block, dict)]
        placed += [block["meta"]["uuid"] for block in blocks if block["type"] == "CHART"]
        filters = dashboard["metadata"]["native_filter_configuration"]
        assert {target["datasetUuid"] for one in filters for target in one["targets"]} <= datasets
    assert sorted(placed) == sorted(charts)


def test_every_query_gives_the_columns_of_its_dataset_on_empty_tables(files: dict[str, Any]) -> None:
    with empty_schema() as connection:
        for dataset in of_kind(files, "datasets"):
            described = connection.execute(f"DESCRIBE {dataset['sql']}").fetchall()
            assert [(name, kind) for name, kind, *_ in described] == [
                (column["column_name"], column["type"]) for column in dataset["columns"]
            ]
            metrics = ", ".join(metric["expression"] for metric in dataset["metrics"])
            assert connection.execute(f"SELECT {metrics} FROM ({dataset['sql']})").fetchall()


def named_columns(params: dict[str, Any]) -> set[str]:
    listed = [name for key in ("groupby", "all_columns") for name in params.get(key, [])]
    return {*listed, *(params[key] for key in ("x_axis", "source", "target") if key in params)}


def named_metrics(params: dict[str, Any]) -> set[str]:
    single = {params[key] for key in ("metric", "timeseries_limit_metric") if key in params}
    return single | set(params.get("metrics", []))


def test_every_chart_uses_columns_and_metrics_of_its_dataset(files: dict[str, Any]) -> None:
    datasets = {one["uuid"]: one for one in of_kind(files, "datasets")}
    with empty_schema() as connection:
        for chart in of_kind(files, "charts"):
            dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
            columns = {column["column_name"] for column in dataset["columns"]}
            assert named_columns(params) <= columns, chart["slice_name"]
            assert named_metrics(params) <= {metric["metric_name"] for metric in dataset["metrics"]}, chart[
                "slice_name"
            ]
            conditions = " AND ".join(f"({one['sqlExpression']})" for one in params["adhoc_filters"]) or "true"
            connection.execute(f"SELECT * FROM ({dataset['sql']}) WHERE {conditions}")


def test_every_filter_offers_a_column_that_its_charts_have(files: dict[str, Any]) -> None:
    datasets = {one["uuid"]: {column["column_name"] for column in one["columns"]} for one in of_kind(files, "datasets")}
    charts = {one["uuid"]: datasets[one["dataset_uuid"]] for one in of_kind(files, "charts")}
    for dashboard in of_kind(files, "dashboards"):
        placed = [block["meta"] for name, block in dashboard["position"].items() if name.startswith("CHART-")]
        for one in dashboard["metadata"]["native_filter_configuration"]:
            (target,) = one["targets"]
            column = target["column"]["name"]
            assert column in datasets[target["datasetUuid"]]
            filtered = [meta for meta in placed if meta["chartId"] not in one["scope"]["excluded"]]
            assert filtered
            assert [meta["sliceName"] for meta in filtered if column not in charts[meta["uuid"]]] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_exposure_of_a_dashboard_names_the_tables_that_it_reads(name: str) -> None:
    exposures = json.loads(MANIFEST.read_text("utf-8"))["exposures"].values()
    (exposure,) = (one for one in exposures if one["name"] == f"superset_{name}")
    named = {node.rsplit(".", 1)[1] for node in exposure["depends_on"]["nodes"]}
    assert named == {table for chart in read_page(name).charts for table in chart.dataset.tables()}


@pytest.mark.parametrize(
    ("uri", "parameters"),
    [(DUCKDB, {"read_only": True}), (POSTGRESQL, {"options": "-csearch_path=tierhouse"})],
)
def test_the_database_of_a_bundle_has_the_uri_and_the_parameters_of_its_engine(uri: str, parameters: Any) -> None:
    database = yaml.safe_load(for_database((ASSETS / DATABASE).read_text("utf-8"), uri))
    assert database["sqlalchemy_uri"] == uri
    assert database["extra"]["engine_params"] == {"connect_args": parameters}


def test_a_bundle_for_another_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with duckdb: or postgresql:, got mysql:"):
        for_database((ASSETS / DATABASE).read_text("utf-8"), "mysql://db/tierhouse")


def test_a_bundle_of_one_language_has_no_file_of_the_other(tmp_path: Path) -> None:
    assert pack(tmp_path / "both.zip", DUCKDB, ("_en", "_zh")) == len(list(ASSETS.rglob("*.yaml")))
    assert (tmp_path / "both.zip").stat().st_mode & 0o777 == 0o600
    pack(tmp_path / "zh.zip", DUCKDB, ("_zh",))
    with zipfile.ZipFile(tmp_path / "zh.zip") as bundle:
        names = bundle.namelist()
    assert "tierhouse/dashboards/overview_zh.yaml" in names
    assert [name for name in names if name.endswith("_en.yaml")] == []
