"""The answer to a person holds nothing of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.privacy.access import write_access
from tests.ingest_home import IngestHome

MAPPING = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
quarantine_bar: 0.9
files:
  - path: "leads*.csv"
    entities:
      leads: {lead_id: id, created_at: created, phone: phone}
"""


@pytest.mark.parametrize(("lead_id", "lines"), [("77", [3]), ("7700077", [3, 4]), ("L77", [3, 4])])
def test_a_line_of_somebody_else_with_an_equal_number_is_not_shown(
    tmp_path: Path, lead_id: str, lines: list[int]
) -> None:
    """Line 3 has the phone of the person, line 4 only a cell that is equal to the id."""
    home = IngestHome.at(tmp_path / "home", pseudonym_key="key of the tests, long enough", _env_file=None)
    home.mapping(MAPPING, "crm")
    rows = [f"{lead_id},2025-01-01,13912345670,90", "8,no day,13912345670,90", f"9,no day,13712345671,{lead_id}"]
    home.raw("\n".join(["id,created,phone,square_metres", *rows]) + "\n", "leads.csv", "crm")
    home.load()
    write_access(home.settings, f"crm:{lead_id}", tmp_path / "answer.json")
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert [row["line"] for row in answer["quarantine"]] == lines
