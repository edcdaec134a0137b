"""Phones, e-mails and names planted in every text field of every entity are in nothing that others may read."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.home import LAST_DAY, published, tierhouse
from tests.planted import SPELLINGS, found_in, names_of_files, plant


def _export(home: Path) -> list[dict[str, str]]:
    with (home / "crm_export" / "current" / "planted.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_nothing_that_others_may_read_holds_a_planted_text(crowded):
    home = crowded.home
    assert [place for place in found_in(home) if "crm_export" not in place] == []
    assert names_of_files(home) == []
    assert list((home / "published" / "current" / "report" / "agents").glob("agent-*.html"))


def test_the_export_holds_them_as_record_ids_alone(crowded):
    rows = _export(crowded.home)
    ids = {row["lead_id"].removeprefix("'") for row in rows}
    assert {"13871234567", "+86 138-7123-4568", "欧阳振华"} <= ids
    rest = str([{name: cell for name, cell in row.items() if name != "lead_id"} for row in rows]).encode()
    assert not any(spelling in rest for spelling in SPELLINGS)


def test_nothing_that_a_run_prints_holds_a_planted_text(crowded):
    runs = (crowded.blocked, crowded.done)
    output = "".join(run.stdout + run.stderr for run in runs).encode()
    assert [spelling for spelling in SPELLINGS if spelling in output] == []


def test_masked_texts_are_counted_by_column_and_block_no_run(crowded):
    quality = published(crowded.home, "data_quality")
    masked = quality[quality["rule"].str.startswith("masked_")].set_index(["rule", "entity"])["rows_failed"]
    columns = (
        "channel",
        "campaign",
        "customer_kind",
        "demand_type",
        "purpose",
        "preferred_layout",
        "preferred_district",
        "project",
        "occupation",
        "industry",
        "income_band",
        "lead_id",
    )
    assert (masked[[(f"masked_{column}", "leads") for column in columns]] > 0).all()
    assert masked["masked_campaign", "interactions"] > 0
    assert masked["masked_channel", "costs"] > 0
    assert masked["masked_property_id", "properties"] > 0
    assert (published(crowded.home, "kpi_monthly")["member"] == "(masked)").any()


def test_the_names_behind_pseudonyms_are_in_the_restricted_file(crowded):
    home = crowded.home
    with duckdb.connect(str(home / "restricted.duckdb"), read_only=True) as connection:
        agents = connection.execute("SELECT DISTINCT key, text FROM agents WHERE kind = 'agent'").df()
    assert "欧阳振华" in set(agents["text"])
    shown = published(home, "kpi_monthly").query("dimension == 'agent' and member != 'unknown'")["member"]
    assert len(shown)
    assert set(shown) <= set(agents["key"])
    assert (home / "restricted_keys.parquet").stat().st_mode & 0o077 == 0


@pytest.mark.soak
def test_models_and_their_cards_hold_none_either(tmp_path):
    home = tmp_path / "home"
    tierhouse(home, "demo", "--leads", "2000", "--only-files")
    plant(home, date.fromisoformat(LAST_DAY))
    tierhouse(home, "train", "--as-of", LAST_DAY)
    tierhouse(home, "run", "--as-of", LAST_DAY)
    assert any((home / "model_store").rglob("model.skops"))
    assert [place for place in found_in(home) if "crm_export" not in place] == []
