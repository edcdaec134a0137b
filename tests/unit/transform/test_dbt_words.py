"""What dbt says goes to logs: counts and names of our tables stay, values of rows do not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipelines.transform.dbt import _print_event
from pipelines.transform.failures import failure_line

CAST = (
    "Runtime Error in model stg_leads (models/staging/stg_leads.sql)\n"
    "  Conversion Error: Could not convert string '13800138000 Zhang San' to INT32 when casting from source column x\n"
    "\n  LINE 3: select 'Zhang San'"
)


def test_what_dbt_prints_of_an_error_holds_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    _print_event(SimpleNamespace(info=SimpleNamespace(level="error", msg=CAST)))
    _print_event(
        SimpleNamespace(info=SimpleNamespace(level="info", msg="1 of 2 OK created sql table model staging.leads"))
    )
    _print_event(SimpleNamespace(info=SimpleNamespace(level="debug", msg="select 13800138000")))
    said = capsys.readouterr().out
    assert "Could not convert string (a text) to INT32" in said and "1 of 2 OK created" in said
    assert "138" not in said and "Zhang" not in said


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (CAST, "Could not convert string (a text) to INT32"),
        ("Got 104 results, configured to fail if != 0", "Got 104 results, configured to fail if != 0"),
    ],
)
def test_the_failure_of_a_node_holds_no_value(message: str, shown: str) -> None:
    node = SimpleNamespace(resource_type="model", name="stg_leads", original_file_path="models/staging/stg_leads.sql")
    line = failure_line(SimpleNamespace(node=node, message=message))
    assert line.startswith("model stg_leads (models/staging/stg_leads.sql): ") and shown in line
    assert "138" not in line and "Zhang" not in line
