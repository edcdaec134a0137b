"""Import files for a CRM: what changed since the last one, by the ids of the CRM, in its headers and encoding."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.cli.operating import export
from pipelines.home.settings import Settings
from pipelines.publish.crm_changes import SYSTEMS, NothingToHandOver, write_changes
from pipelines.publish.crm_export import RECORDS, TASKS, build_export
from pipelines.publish.switch import switch

RECORD = {
    "source": "crm",
    "grade": "A",
    "intent": "Low",
    "intent_zh": "低",
    "warning_level": "high",
    "warning_level_zh": "高",
    "next_action": "Call, then visit",
    "next_action_zh": "电话回访",
    "due_on": "2026-07-01",
    "is_opted_out": False,
    "opted_out_on": None,
    "as_of": "2026-06-30",
}


def publish(home: Path, day: str, *records: Mapping[str, object]) -> Settings:
    """Make an export with these records the current one."""
    settings = Settings(home=home)
    warehouse, keys = home / f"{day}.duckdb", home / "keys.parquet"
    pd.DataFrame({"kind": [], "text": [], "key": []}, dtype="str").to_parquet(keys)
    rows = pd.DataFrame([RECORD | {"as_of": day} | dict(record) for record in records])
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE SCHEMA service")
        connection.register("rows", rows)
        connection.execute("CREATE TABLE service.crm_records AS SELECT * FROM rows")
        columns = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("source", *TASKS.columns))
        connection.execute(f"CREATE TABLE service.crm_worklist AS SELECT {columns} WHERE false")
    build_export(warehouse, keys, settings.crm_export / "versions", day)
    switch(settings.crm_export, day)
    return settings


def lines(file: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_second_file_has_the_records_that_changed(tmp_path):
    settings = publish(tmp_path, "2026-06-30", {"lead_id": "0011"}, {"lead_id": "0012"}, {"lead_id": "0013"})
    assert write_changes(settings, "crm", "zoho", tmp_path / "first.csv") == (3, 3)
    settings = publish(
        tmp_path,
        "2026-07-01",
        {"lead_id": "0011"},
        {"lead_id": "0012", "grade": "B"},
        {"lead_id": "0013", "is_opted_out": True},
        {"lead_id": "0014"},
    )

    assert write_changes(settings, "crm", "zoho", tmp_path / "second.csv") == (3, 4)
    found = [
        (row["Record Id"], row["Tierhouse Grade"], row["Tierhouse Opted Out"]) for row in lines(tmp_path / "second.csv")
    ]
    assert found == [("0012", "B", "false"), ("0013", "A", "true"), ("0014", "A", "false")]
    assert write_changes(settings, "crm", "zoho", tmp_path / "third.csv") == (0, 4)
    assert write_changes(settings, "crm", "zoho", tmp_path / "all.csv", everything=True) == (4, 4)


def test_a_file_for_fxiaoke_has_chinese_headers_and_encoding(tmp_path):
    settings = publish(tmp_path, "2026-06-30", {"lead_id": "64f0c2"})
    write_changes(settings, "crm", "fxiaoke", tmp_path / "import.csv")

    assert lines(tmp_path / "import.csv", "gb18030") == [
        {
            "数据ID": "64f0c2",
            "客户价值等级": "A",
            "购买意向": "低",
            "流失预警": "高",
            "下一步动作": "电话回访",
            "截止日期": "2026-07-01",
            "拒绝营销": "否",
        }
    ]
    with pytest.raises(UnicodeDecodeError):
        lines(tmp_path / "import.csv")


def test_only_the_owner_reads_the_files(tmp_path):
    settings = publish(tmp_path, "2026-06-30", {"lead_id": "0011"})
    write_changes(settings, "crm", "fxiaoke", tmp_path / "import.csv")

    for file in (tmp_path / "import.csv", settings.crm_export / "handed_over" / "crm.csv"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_cell_that_a_spreadsheet_would_run_stays_escaped(tmp_path):
    settings = publish(tmp_path, "2026-06-30", {"lead_id": "=1+1", "next_action": "@now"})
    write_changes(settings, "crm", "zoho", tmp_path / "import.csv")

    [row] = lines(tmp_path / "import.csv")
    assert (row["Record Id"], row["Tierhouse Next Action"]) == ("'=1+1", "'@now")


def test_an_unknown_source_names_the_known_ones(tmp_path):
    settings = publish(tmp_path, "2026-06-30", {"lead_id": "0011"})

    with pytest.raises(NothingToHandOver, match=r"no CRM export of the source 'zoho'; there are: crm"):
        write_changes(settings, "zoho", "zoho", tmp_path / "import.csv")
    with pytest.raises(NothingToHandOver, match="grade a day first"):
        write_changes(Settings(home=tmp_path / "other"), "crm", "zoho", tmp_path / "import.csv")
    assert not (tmp_path / "import.csv").exists()


def test_the_command_offers_every_system():
    [system] = [option for option in export.params if option.name == "system"]
    assert set(system.type.choices) == set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_column_of_an_import_file_is_a_column_of_the_export(system):
    assert set(SYSTEMS[system].headers) <= set(RECORDS.columns)
