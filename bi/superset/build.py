"""Writes the YAML that Superset imports, in `assets/`, from the queries, labels, datasets and pages of this folder.

`python -m bi.superset.build` rewrites the folder. With `--check` it writes nothing and exits with 1 if a file differs.
Column types and descriptions come from dbt's manifest: `make lint` and `make fix` parse the project before.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

from bi.superset.charts import PAGES, Chart, Page, read_page
from bi.superset.datasets import FOLDER, Dataset, datasets, empty_schema
from bi.superset.text import LANGUAGES, Language, Text

ASSETS = FOLDER / "assets"
DATABASE = "databases/tierhouse.yaml"
VERSION = "1.0.0"
GREEN, BLUE, AMBER, GREY = "#1B7F5C", "#2F6FB5", "#D99A2B", "#9AA3AD"
RED, ORANGE, YELLOW = "#A61B1B", "#D9532C", "#E3C85B"
LEVELS = {
    "Urgent": RED, "High": ORANGE, "Middle": AMBER, "Low": YELLOW,
    "紧急": RED, "高": ORANGE, "中": AMBER, "低": YELLOW,
}  # fmt: skip
GRADES = {
    f"{prefix}{grade}": colour
    for prefix in ("", "Before ", "Now ", "上次 ", "本次 ")
    for grade, colour in zip("ABCD", (GREEN, BLUE, AMBER, GREY), strict=True)
}
OTHERS = {
    "Treated": GREEN, "Hold-out": GREY, "干预组": GREEN, "对照组": GREY, "treated_rate": GREEN, "hold_out_rate": GREY,
    "Overdue": RED, "In time": BLUE, "已逾期": RED, "未逾期": BLUE, "New customer": BLUE, "新客户": BLUE,
    "leads_sum": BLUE, "deals": BLUE, "contribution": BLUE,
    "leads_before": GREY, "deals_before": GREY, "contribution_before": GREY,
}  # fmt: skip
STAGES = {
    "New customers": "#D5E4F3", "Viewing": "#BAD3EB", "Subscription": "#9FC2E3", "Signing": "#84B1DB",
    "新增客户": "#D5E4F3", "到访看房": "#BAD3EB", "认购": "#9FC2E3", "签约": "#84B1DB",
}  # fmt: skip
"""Light: the numbers of the funnel are written on them."""
COLOURS = LEVELS | GRADES | STAGES | OTHERS
"""Colours of labels and metrics, the same on all dashboards."""


def identity(kind: str, name: str, language: Language | None = None) -> str:
    """The stable UUID of an asset."""
    return str(uuid5(NAMESPACE_URL, f"tierhouse/superset/{kind}/{name}/{language or ''}"))


def database() -> dict[str, Any]:
    return {
        "database_name": "Tierhouse",
        "sqlalchemy_uri": "duckdb:////srv/tierhouse/published/current/tierhouse.duckdb",
        "cache_timeout": None, "expose_in_sqllab": True, "allow_run_async": False, "allow_ctas": False,
        "allow_cvas": False, "allow_dml": False, "allow_csv_upload": False,
        "extra": {"engine_params": {"connect_args": {"read_only": True}}, "allows_virtual_table_explore": True},
        "uuid": identity("database", "tierhouse"), "version": VERSION,
    }  # fmt: skip


def dataset_file(dataset: Dataset, language: Language, columns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "table_name": titled(dataset.title, language), "main_dttm_col": dataset.time,
        "description": ", ".join(dataset.tables()), "default_endpoint": None, "offset": 0, "cache_timeout": None,
        "catalog": None, "schema": None, "sql": dataset.sql(language), "params": None, "template_params": None,
        "filter_select_enabled": True, "fetch_values_predicate": None, "extra": None, "normalize_columns": False,
        "always_filter_main_dttm": False, "uuid": identity("dataset", dataset.name, language),
        "metrics": [metric.export(name, language) for name, metric in dataset.metrics.items()], "columns": columns,
        "version": VERSION, "database_uuid": identity("database", "tierhouse"),
    }  # fmt: skip


def chart_file(chart: Chart, language: Language) -> dict[str, Any]:
    return {
        "slice_name": chart.title.in_(language), "description": chart.description(language), "certified_by": None,
        "certification_details": None, "viz_type": chart.viz_type, "params": chart.params(language),
        "query_context": None, "cache_timeout": None, "version": VERSION,
        "uuid": identity("chart", chart.name, language),
        "dataset_uuid": identity("dataset", chart.dataset.name, language),
    }  # fmt: skip


def position(page: Page, language: Language) -> dict[str, Any]:
    """The layout: a grid of rows, each of charts. Superset replaces `chartId` at the import."""
    layout: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "parents": ["ROOT_ID"], "children": []},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": titled(page.title, language)}},
    }
    for number, row in enumerate(page.rows, start=1):
        row_id = f"ROW-{number}"
        layout["GRID_ID"]["children"].append(row_id)
        layout[row_id] = {
            "id": row_id, "type": "ROW", "parents": ["ROOT_ID", "GRID_ID"],
            "children": [f"CHART-{one.name}" for one in row],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }  # fmt: skip
        for chart in row:
            layout[f"CHART-{chart.name}"] = {
                "id": f"CHART-{chart.name}", "type": "CHART", "parents": ["ROOT_ID", "GRID_ID", row_id], "children": [],
                "meta": {
                    "chartId": page.charts.index(chart) + 1, "uuid": identity("chart", chart.name, language),
                    "sliceName": chart.title.in_(language), "width": chart.width, "height": chart.height,
                },
            }  # fmt: skip
    return layout


def native_filter(page: Page, spec: dict[str, Any], language: Language) -> dict[str, Any]:
    """A filter that applies to its charts only: the others are excluded from its scope."""
    excluded = [number for number, chart in enumerate(page.charts, start=1) if chart.name not in spec["charts"]]
    where = spec.get("where")
    condition = {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": where, "filterOptionName": "filter_1"}
    return {
        "id": f"NATIVE_FILTER-{page.name}-{spec['column']}", "type": "NATIVE_FILTER", "filterType": "filter_select",
        "name": spec[language], "description": "", "cascadeParentIds": [],
        "targets": [{
            "datasetUuid": identity("dataset", spec["dataset"], language), "column": {"name": spec["column"]},
        }],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded}, "adhoc_filters": [condition] if where else [],
        "controlValues": {
            "enableEmptyFilter": False, "defaultToFirstItem": False, "multiSelect": True, "searchAllOptions": False,
            "inverseSelection": False, "sortAscending": True,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }  # fmt: skip


def titled(title: Text, language: Language) -> str:
    """A title with the name of the product in front: a Superset has dashboards of others too."""
    return f"Tierhouse: {title.en}" if language == "en" else f"Tierhouse：{title.zh}"


def dashboard_file(page: Page, language: Language) -> dict[str, Any]:
    return {
        "dashboard_title": titled(page.title, language), "description": None, "css": "",
        "slug": f"tierhouse-{page.name}-{language}", "certified_by": None, "certification_details": None,
        "published": True, "uuid": identity("dashboard", page.name, language),
        "position": position(page, language),
        "metadata": {
            "native_filter_configuration": [native_filter(page, one, language) for one in page.filters],
            "label_colors": COLOURS, "color_scheme": "supersetColors", "cross_filters_enabled": False,
            "refresh_frequency": 0, "expanded_slices": {}, "timed_refresh_immune_slices": [], "chart_configuration": {},
        },
        "version": VERSION,
    }  # fmt: skip


class Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def as_yaml(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)


def assets() -> dict[str, str]:
    """Path below `assets/` → text, of every file. The metadata name no type, so that both ways of import take them."""
    made: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": VERSION, "timestamp": "2026-12-01T00:00:00+00:00"},
        DATABASE: database(),
    }
    with empty_schema() as schema:
        for language in LANGUAGES:
            for dataset in datasets().values():
                columns = dataset.columns(language, schema)
                made[f"datasets/tierhouse/{dataset.name}_{language}.yaml"] = dataset_file(dataset, language, columns)
            for page in map(read_page, PAGES):
                made[f"dashboards/{page.name}_{language}.yaml"] = dashboard_file(page, language)
                made |= {f"charts/{chart.name}_{language}.yaml": chart_file(chart, language) for chart in page.charts}
    return {path: as_yaml(content) for path, content in made.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file differs")
    check = parser.parse_args().check
    wanted = assets()
    present = {path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.yaml")}
    if wanted == present:
        return 0
    if check:
        differing = sorted(path for path in wanted.keys() | present if wanted.get(path) != present.get(path))
        print(f"bi/superset/assets: run `make fix`; these files differ: {', '.join(differing)}", file=sys.stderr)
        return 1
    for path in present.keys() - wanted:
        (ASSETS / path).unlink()
    for path, text in wanted.items():
        (ASSETS / path).parent.mkdir(parents=True, exist_ok=True)
        (ASSETS / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
