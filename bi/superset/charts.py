"""Pages and charts of `pages/`, and the parameters that Superset stores for each kind of chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from bi.superset.datasets import FOLDER, Dataset, datasets
from bi.superset.text import Language, Text, in_language

Params = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """One chart of a page.

    `spec` is its entry: `dataset`, `kind`, `width` in columns of 12, `where` (SQL for DuckDB and PostgreSQL), and what
    its kind needs.
    """

    name: str
    title: Text
    spec: dict[str, Any]

    @property
    def dataset(self) -> Dataset:
        return datasets()[self.spec["dataset"]]

    @property
    def viz_type(self) -> str:
        return KINDS[self.spec["kind"]][0]

    @property
    def width(self) -> int:
        return self.spec.get("width", 2 if self.spec["kind"] == "number" else 12)

    @property
    def height(self) -> int:
        """Height in units of 8 pixels."""
        return self.spec.get("height", 20 if self.spec["kind"] == "number" else 46)

    def params(self, language: Language) -> Params:
        """The parameters of the chart in a language. Raises KeyError if the entry lacks one."""
        where = in_language(self.spec.get("where", ""), language)
        condition = {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": where, "filterOptionName": "filter_1"}
        common = {"viz_type": self.viz_type, "adhoc_filters": [condition] if where else [], "row_limit": 10000}
        return common | KINDS[self.spec["kind"]][1](self, language)

    def description(self, language: Language) -> str:
        """The note of the chart, and the tables that it reads."""
        tables = ", ".join(self.dataset.tables())
        note = self.spec.get(f"note_{language}", "")
        return f"{note} Table: {tables}.".strip() if language == "en" else f"{note}数据表：{tables}。"

    def unit(self, language: Language) -> str:
        """The unit of an amount, else nothing."""
        money = self.dataset.metrics[self.spec["metric"]].format == "money"
        return {"en": "CNY", "zh": "万元"}[language] if money else ""

    def format(self, metric: str, language: Language) -> str:
        return self.dataset.metrics[metric].format_in(language)


@dataclass(frozen=True)
class Page:
    """A dashboard: rows of charts, and filters with the names of the charts that they filter."""

    name: str
    title: Text
    rows: list[list[Chart]]
    filters: list[dict[str, Any]]

    @property
    def charts(self) -> list[Chart]:
        return [chart for row in self.rows for chart in row]


PAGES = ("overview", "warnings", "channels", "agents")


def read_page(name: str) -> Page:
    """A file of `pages/`. Raises KeyError if a key is missing."""
    page = yaml.safe_load((FOLDER / "pages" / f"{name}.yml").read_text(encoding="utf-8"))
    rows = [[Chart(one["name"], Text(one["en"], one["zh"]), one) for one in row] for row in page["rows"]]
    return Page(name, Text(**page["title"]), rows, page["filters"])


def number(chart: Chart, language: Language) -> Params:
    """One number."""
    metric = chart.spec["metric"]
    form = chart.format(metric, language)
    return {
        "metric": metric, "subtitle": chart.unit(language), "header_font_size": 0.4, "subtitle_font_size": 0.15,
        "y_axis_format": form, "time_format": form, "force_timestamp_formatting": form.startswith("%"),
    }  # fmt: skip


def series(chart: Chart, language: Language) -> Params:
    """Lines or bars along time, or along a category: in its order, or in that of the first metric (`by_size`)."""
    spec, metrics = chart.spec, chart.spec["metrics"]
    over_time, by, by_size = spec["x"] == chart.dataset.time, spec.get("by"), spec.get("by_size", False)
    params: Params = {
        "x_axis": spec["x"], "metrics": metrics, "groupby": [by] if by else [],
        "time_grain_sqla": "P1M" if over_time else None, "orientation": spec.get("orientation", "vertical"),
        "stack": "Stack" if by and spec["kind"] == "bar" else None, "y_axis_format": chart.format(metrics[0], language),
        "x_axis_time_format": "%Y-%m", "tooltipTimeFormat": "%Y-%m", "xAxisLabelRotation": 45 if over_time else 0,
        "show_legend": bool(by) or len(metrics) > 1, "legendType": "scroll",
        "legendOrientation": spec.get("legend", "top"), "rich_tooltip": True,
        "show_value": spec.get("values", not over_time), "only_total": True, "markerEnabled": True,
        "truncateXAxis": False, "truncateYAxis": False, "color_scheme": "supersetColors",
        "sort_series_type": spec.get("series_order", "sum"),
        "sort_series_ascending": spec.get("series_order") == "name",
    }  # fmt: skip
    if not over_time:
        several = bool(by) or len(metrics) > 1
        sort = ("sum" if by_size else "name") if several else (metrics[0] if by_size else spec["x"])
        params |= {"x_axis_sort": sort, "x_axis_sort_asc": True}
    return params


def rows(chart: Chart, _: Language) -> Params:
    """A table of rows. A column of `order` with a minus in front descends."""
    order = [f'["{name.lstrip("-")}", {str(not name.startswith("-")).lower()}]' for name in chart.spec["order"]]
    config: Params = {column: {"d3NumberFormat": form} for column, form in chart.spec.get("formats", {}).items()}
    for column, pixels in chart.spec.get("widths", {}).items():
        config.setdefault(column, {})["columnWidth"] = pixels
    return _table(chart.spec.get("limit", 200)) | {
        "query_mode": "raw", "all_columns": chart.spec["columns"], "order_by_cols": order, "show_cell_bars": False,
        "column_config": config,
    }  # fmt: skip


def totals(chart: Chart, language: Language) -> Params:
    """A table of metrics by columns, in descending order of the metric `order`, else of the first metric."""
    metrics = chart.spec["metrics"]
    first = chart.spec.get("order", metrics[0])
    config = {
        metric: {"d3NumberFormat": chart.format(metric, language), "showCellBars": metric == metrics[0]}
        for metric in metrics
    }
    return _table(200) | {
        "query_mode": "aggregate", "groupby": chart.spec["by"], "metrics": metrics, "timeseries_limit_metric": first,
        "order_desc": True, "show_cell_bars": True, "column_config": config,
    }  # fmt: skip


def _table(limit: int) -> Params:
    return {
        "row_limit": limit, "page_length": 50 if limit > 200 else 0, "table_timestamp_format": "%Y-%m-%d",
        "color_pn": False, "include_search": False,
    }  # fmt: skip


def pie(chart: Chart, language: Language) -> Params:
    metric = chart.spec["metric"]
    return {
        "groupby": chart.spec["by"], "metric": metric, "donut": True, "innerRadius": 35, "outerRadius": 60,
        "label_type": "key_value", "number_format": chart.format(metric, language), "show_labels": True,
        "labels_outside": True, "label_line": True, "show_legend": False, "sort_by_metric": True,
        "show_total": True, "color_scheme": "supersetColors",
    }  # fmt: skip


def flow(chart: Chart, _: Language) -> Params:
    """A Sankey diagram."""
    return {key: chart.spec[key] for key in ("source", "target", "metric")} | {"color_scheme": "supersetColors"}


def funnel(chart: Chart, _: Language) -> Params:
    return {
        "groupby": chart.spec["by"], "metric": chart.spec["metric"], "sort_by_metric": True, "show_legend": False,
        "label_type": 5, "percent_calculation_type": "first_step", "number_format": ",d",
        "show_labels": True, "show_tooltip_labels": True, "tooltip_label_type": 5, "color_scheme": "supersetColors",
    }  # fmt: skip


KINDS: dict[str, tuple[str, Callable[[Chart, Language], Params]]] = {
    "number": ("big_number_total", number),
    "line": ("echarts_timeseries_line", series),
    "bar": ("echarts_timeseries_bar", series),
    "rows": ("table", rows),
    "totals": ("table", totals),
    "pie": ("pie", pie),
    "flow": ("sankey_v2", flow),
    "funnel": ("funnel", funnel),
}
"""Kind in `pages/` → the chart type of Superset, and the function that writes its parameters."""
