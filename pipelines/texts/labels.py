"""The allow-list of labels: texts of a source that may be shown because many records have them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from pipelines.home.warehouse import replace_table
from pipelines.rules.version import RULES
from pipelines.texts.names import NAMESAKES, with_names
from pipelines.texts.shapes import is_contact

LABELS: Mapping[str, Sequence[tuple[str, str]]] = {
    "channel": (("leads", "channel"), ("costs", "channel")),
    "campaign": (("leads", "campaign"), ("interactions", "campaign")),
    "customer_kind": (("leads", "customer_kind"),),
    "demand_type": (("leads", "demand_type"),),
    "purpose": (("leads", "purpose"),),
    "layout": (("leads", "preferred_layout"), ("properties", "layout")),
    "district": (("leads", "preferred_district"), ("properties", "district")),
    "project": (("leads", "project"), ("properties", "project")),
    "occupation": (("leads", "occupation"),),
    "industry": (("leads", "industry"),),
    "income_band": (("leads", "income_band"),),
}
"""Kind of label → the fields with such labels. All other texts are compared with rules and never shown."""

_SCHEMA = pa.schema({"label_kind": pa.string(), "label": pa.string(), "shown_from": pa.timestamp("us")})


def write_labels(connection: duckdb.DuckDBPyConnection, people: Sequence[str]) -> None:
    """Fill `landing.labels`: label_kind, label (in lower case), shown_from (UTC: when enough records had it).

    Leaves out texts that look like a contact or contain the name of a person. `people`: see `with_names`. Needs the
    views of `landing`.
    """
    fewest = fewest_records()
    common = [row for kind, fields in LABELS.items() for row in _common(connection, kind, fields, fewest)]
    labels = {label for _, label, _, _ in common}
    contacts = {label for label in labels if is_contact(label)}
    named = with_names(connection, labels, people)
    shown = [
        {"label_kind": kind, "label": label, "shown_from": shown_from}
        for kind, label, shown_from, records in common
        if label not in contacts and named.get(label, 0) * NAMESAKES < records
    ]
    shown.sort(key=lambda row: (row["label_kind"], row["label"]))
    replace_table(connection, "landing.labels", pa.Table.from_pylist(shown, schema=_SCHEMA))


def fewest_records() -> int:
    """Return the number of records that must have a label before it is shown, from `thresholds.csv`."""
    with (RULES / "thresholds.csv").open(encoding="utf-8-sig", newline="") as stream:
        return next(int(row["value"]) for row in csv.DictReader(stream) if row["name"] == "label_min_records")


def _common(
    connection: duckdb.DuckDBPyConnection, kind: str, fields: Sequence[tuple[str, str]], fewest: int
) -> list[tuple]:
    labels = " UNION ALL ".join(
        f"SELECT lower(trim({field})) AS label, '{entity}' AS entity, source, row_key, known_at "
        f"FROM landing.{entity} WHERE trim({field}) <> ''"
        for entity, field in fields
    )
    # All versions of a record count as one record.
    return connection.execute(
        f"""
        SELECT '{kind}', label, min(known_at, {fewest})[{fewest}], count(*)
        FROM (SELECT label, min(known_at) AS known_at FROM ({labels}) GROUP BY label, entity, source, row_key)
        GROUP BY label
        HAVING count(*) >= {fewest}
        """
    ).fetchall()
