"""A value of an optional field that does not fit is null, counted and kept; its row is accepted."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.ingest.batches import EmptiedCount
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.gate_tables import file_counts
from pipelines.ingest.typing.emptied import emptied_lines, is_over_bar
from tests.ingest_home import IngestHome, counts

LEADS = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
files:
  - path: "*.csv"
    entities:
      leads:
        lead_id: id
        created_at: at
        budget_min: low
        budget_max: {expr: "CAST(CAST(high AS INT) AS VARCHAR)"}
        channel: {column: via, values: {Walk-in: walk_in}}
        currency: money
"""


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(LEADS)
    return home


def extras(home: IngestHome) -> dict[str, dict | None]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT lead_id, extra FROM read_parquet(?) ORDER BY 1",
            [str(home.settings.landing / "data/*/leads.parquet")],
        ).fetchall()
    return {lead: extra and json.loads(extra) for lead, extra in rows}


def test_values_that_do_not_fit_are_null_and_kept(home: IngestHome) -> None:
    home.raw(
        "id,at,low,high,via,money,note\n1,2025-01-01,ask wife,x,Fair,CNY,hello\n2,2025-01-01,-5,7,Walk-in,,\n"
        "3,2025-01-01,5,8,,,\n4,no day,ask wife,9,,,\n5,2025-01-01,5,9,,gold,\n"
    )
    (report,) = home.load()
    assert counts(report) == (5, 3, 2, 0)
    assert home.query("SELECT budget_min, budget_max, channel FROM landing.leads ORDER BY lead_id") == [
        (None, None, None), (None, 7, "walk_in"), (5, 8, None)
    ]  # fmt: skip
    assert [row[2:4] for row in home.quarantine()] == [("type", "created_at"), ("type", "currency")]
    assert extras(home) == {
        "1": {
            "note": "hello",
            "tierhouse_emptied": {
                "budget_min": {"rule": "type", "cells": {"low": "ask wife"}},
                "budget_max": {"rule": "expression", "cells": {"high": "x"}},
                "channel": {"rule": "translation", "cells": {"via": "Fair"}},
            },
        },
        "2": {"tierhouse_emptied": {"budget_min": {"rule": "minimum", "cells": {"low": "-5"}}}},
        "3": None,
    }
    assert [(one.field, one.rule, one.rows, one.filled, one.line) for one in report.batch.emptied] == [
        ("budget_max", "expression", 1, 3, 2), ("budget_min", "minimum", 1, 3, 3), ("budget_min", "type", 1, 3, 2),
        ("channel", "translation", 1, 2, 2),
    ]  # fmt: skip
    assert home.query("SELECT field, rows, filled FROM landing.emptied ORDER BY 1") == [
        ("budget_max", 1, 3), ("budget_min", 2, 3), ("channel", 1, 2)
    ]  # fmt: skip


def test_a_value_that_fits_later_is_a_new_version(home: IngestHome) -> None:
    home.raw("id,at,low,high,via,money\n1,2025-01-01,ask wife,,,\n", "a.csv")
    home.load()
    home.raw("id,at,low,high,via,money\n1,2025-01-01,ask wife,,,\n2,2025-01-01,,,,\n", "b.csv")
    (report,) = home.load()
    assert (counts(report), [one.rows for one in report.batch.emptied]) == ((3, 1, 0, 2), [1])
    home.raw("id,at,low,high,via,money\n1,2025-01-01,900,,,\n", "c.csv")
    (report,) = home.load()
    assert counts(report) == (4, 1, 0, 3)
    budgets = "SELECT budget_min FROM landing.leads WHERE lead_id = '1' ORDER BY batch_seq"
    assert home.query(budgets) == [(None,), (900,)]


@pytest.mark.parametrize(
    ("bad", "good", "warns", "refused"), [(1, 40, False, False), (19, 0, True, False), (20, 19, True, True)]
)
def test_a_column_that_the_mapping_does_not_read_refuses_the_batch(
    home: IngestHome, bad: int, good: int, warns: bool, refused: bool
) -> None:
    lows = ["x"] * bad + ["5"] * good + [""] * 100
    home.raw("id,at,low,high,via,money\n" + "".join(f"{at},2025-01-01,{low},,,\n" for at, low in enumerate(lows)))
    (report,) = home.stage()
    gate = file_counts([report]).iloc[0]
    assert (gate["emptied_over_bar"] > 0, gate["unread_fields"] > 0, is_over_bar(report.batch)) == (
        warns,
        refused,
        refused,
    )
    result = CliRunner().invoke(cli, ["check", "shop"], env={"TIERHOUSE_HOME": str(home.settings.home)})
    assert (result.exit_code, "Most values of leads.budget_min do not fit" in result.output) == (refused, refused)
    assert f"leads.budget_min: {bad} of {bad + good} values do not fit and are null (type)" in result.output


def test_the_fields_of_a_deal_that_change_a_figure_are_strict() -> None:
    deals = ENTITIES["transactions"]
    assert [field.name for field in deals.fields if deals.empties(field)] == ["property_id", "payment_plan"]


def test_an_id_of_which_a_spreadsheet_shows_a_part_is_none(home: IngestHome) -> None:
    home.mapping(LEADS.replace("        currency: money\n", "        agent_id: money\n"))
    home.raw(
        "id,at,low,high,via,money\n8.61E+12,2025-01-01,,,,1\n8.6123E+04,2025-01-01,,,,2\nL3,2025-01-01,,,,1.2E+10\n"
    )
    (report,) = home.load()
    assert counts(report) == (3, 2, 1, 0)
    assert home.query("SELECT lead_id, agent_id IS NULL FROM landing.leads ORDER BY 1") == [
        ("8.6123E+04", False), ("L3", True)
    ]  # fmt: skip
    (row,) = home.quarantine()
    assert "a spreadsheet shows only the first ones" in row[4]


def test_a_field_can_have_several_formats(home: IngestHome) -> None:
    home.mapping(LEADS.replace("created_at: at", 'created_at: {column: at, format: ["%d/%m/%Y", epoch_ms]}'))
    home.raw("id,at,low,high,via,money\n1,03/04/2025,,,,\n2,1743609600000,,,,\n3,2025-04-03,,,,\n")
    home.load()
    assert [str(row[0]) for row in home.query("SELECT DISTINCT created_at FROM landing.leads")] == [
        "2025-04-02 16:00:00"
    ]
    (row,) = home.quarantine()
    assert "written %d/%m/%Y or epoch_ms" in row[4]


def test_a_fault_of_several_files_is_one_line() -> None:
    counts = [
        EmptiedCount(file, "leads", "budget_max", "type", rows, 10, line, "a number")
        for file, rows, line in (("b.csv", 2, 7), ("a.csv", 1, 4))
    ]
    other = EmptiedCount("a.csv", "leads", "area_max", "type", 1, 5, 9, "a number")
    assert emptied_lines([*counts, other]) == [
        "a.csv and 1 more, leads.budget_max: 3 of 20 values do not fit and are null (type): expected a number, "
        "first in line 4",
        "a.csv, leads.area_max: 1 of 5 values do not fit and are null (type): expected a number, first in line 9",
    ]
