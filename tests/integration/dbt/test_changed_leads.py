"""Lead records that a source changed: a corrected date, an id that is used again, a budget in another unit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.ingest_home import IngestHome
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.test_lead_statuses import LAST, landed

MAPPING = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created, status: status, budget_max: budget}
"""
HEADER = "id,created,status,budget\n"
BEFORE = HEADER + "reused,2025-04-01,lost,5000000\ncorrected,2025-04-01,open,117700000000\nnew,2025-06-09,open,\n"
AFTER = HEADER + "reused,2025-06-15,open,3000000\ncorrected,2025-04-05,open,117700000000\nnew,2025-06-09,lost,\n"


def failed(models: Compiled, home: IngestHome, rule: str) -> tuple[int, int]:
    models.run(landed(home, [LAST], LAST))
    (row,) = models.query(f"SELECT * FROM marts.data_quality WHERE rule = '{rule}'")
    return row["rows_failed"], row["rows_checked"]


def test_an_id_that_is_used_again_is_counted_and_a_corrected_date_is_not(models: Compiled, tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING, "crm")
    home.raw(BEFORE, "leads.csv", "crm")
    home.load(datetime(2025, 6, 10, 3, tzinfo=UTC))
    assert failed(models, home, "id_reused") == (0, 3)
    home.raw(AFTER, "leads.csv", "crm")
    home.load(datetime(2025, 6, 20, 3, tzinfo=UTC))
    assert failed(models, home, "id_reused") == (1, 3)


def test_a_budget_that_was_scaled_twice_is_counted(models: Compiled, tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING, "crm")
    home.raw(BEFORE, "leads.csv", "crm")
    home.load(datetime(2025, 6, 10, 3, tzinfo=UTC))
    assert failed(models, home, "budget_implausible") == (1, 2)
